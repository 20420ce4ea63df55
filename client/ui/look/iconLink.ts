/** The icon in the tab strip. Older Safaris show no SVG there and get the same picture as PNG. */

const SIZE = 32;

export interface IconLink {
  show(svgAddress: string): void;
}

export function createIconLink(document: Document, navigator: Navigator): IconLink {
  const needsPng = navigator.vendor?.startsWith("Apple") ?? false;
  let newest = "";
  const put = (address: string, type: string) => {
    const link = linkIn(document);
    link.type = type;
    link.href = address;
  };
  return {
    show(svgAddress) {
      newest = svgAddress;
      if (!needsPng) return put(svgAddress, "image/svg+xml");
      asPng(svgAddress, document).then(
        (png) => {
          // An older picture that took longer must not come last.
          if (newest === svgAddress) put(png, "image/png");
        },
        () => put(svgAddress, "image/svg+xml"),
      );
    },
  };
}

async function asPng(svgAddress: string, document: Document): Promise<string> {
  const image = document.createElement("img");
  image.src = svgAddress;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  canvas.getContext("2d")?.drawImage(image, 0, 0, SIZE, SIZE);
  return canvas.toDataURL("image/png");
}

function linkIn(document: Document): HTMLLinkElement {
  const known = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (known) return known;
  const link = document.createElement("link");
  link.rel = "icon";
  document.head.append(link);
  return link;
}
