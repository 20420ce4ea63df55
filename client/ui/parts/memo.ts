/** A component that is drawn anew only when one of its properties is another one. (preact/compat has one as well, with much around it.) */
import { Component, type ComponentChild, createElement, type FunctionComponent } from "preact";

export function memo<Props extends object>(
  draw: FunctionComponent<Props>,
): FunctionComponent<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const names = Object.keys({ ...this.props, ...next }) as (keyof Props)[];
      return names.some((name) => !Object.is(this.props[name], next[name]));
    }
    override render(): ComponentChild {
      return createElement(draw, this.props as Props);
    }
  }
  return Memo as unknown as FunctionComponent<Props>;
}
