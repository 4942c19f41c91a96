// Building the page. Text only ever goes in as text: nothing here, and nothing elsewhere, writes HTML.

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/** `onclick` and the like are listeners, true is an empty attribute, false and null are none. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === 'function') node.addEventListener(name.slice(2), value as (event: Event) => void);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  add(node, ...children);
  return node;
}

/** A piece of a drawing; attributes only, since the page takes no styles from here. */
export function draw(tag: string, attributes: Record<string, string | number>, ...children: Child[]): SVGElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  add(node, ...children);
  return node;
}

export function add(node: Node, ...children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    node.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
  }
}

export function fill(node: Element, ...children: Child[]): void {
  node.replaceChildren();
  add(node, ...children);
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}
