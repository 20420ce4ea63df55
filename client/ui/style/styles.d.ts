/** Style files that a part brings along: they have no values. */
declare module "*.css";
