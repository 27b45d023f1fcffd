import { XMLParser } from 'fast-xml-parser';

/** Namespaces of the DAV interface, by the prefix in which Nextcloud writes them. */
export const namespaces = {
  d: 'DAV:',
  s: 'http://sabredav.org/ns',
  oc: 'http://owncloud.org/ns',
  nc: 'http://nextcloud.org/ns',
} as const;

/** An element with its namespace resolved; `text` is the character data directly in it. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
});

/** Parses a document and resolves its prefixes. @throws {Error} when it has no root element or a prefix is not declared. */
export function parseXml(text: string): XmlElement {
  const roots = elementsIn(parser.parse(text, true), new Map());
  const [root] = roots;
  if (root === undefined || roots.length !== 1) throw new Error('the document must have one root element');
  return root;
}

/** The child with this name, if any. */
export function child(element: XmlElement, name: string, namespace: string = namespaces.d): XmlElement | undefined {
  return element.children.find((candidate) => candidate.name === name && candidate.namespace === namespace);
}

/** Text for use between tags and in attributes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

type Prefixes = ReadonlyMap<string, string>;

function elementsIn(nodes: unknown, outer: Prefixes): XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: unknown) => {
    if (!isRecord(node)) return [];
    const tag = Object.keys(node).find((key) => key !== ':@' && key !== '#text' && !key.startsWith('?'));
    return tag === undefined ? [] : [elementOf(tag, node, outer)];
  });
}

function elementOf(tag: string, node: Record<string, unknown>, outer: Prefixes): XmlElement {
  const prefixes = new Map(outer);
  for (const [name, value] of Object.entries(isRecord(node[':@']) ? node[':@'] : {})) {
    if (name === 'xmlns') prefixes.set('', String(value));
    else if (name.startsWith('xmlns:')) prefixes.set(name.slice('xmlns:'.length), String(value));
  }
  const colon = tag.indexOf(':');
  const namespace = prefixes.get(colon < 0 ? '' : tag.slice(0, colon));
  if (namespace === undefined && colon >= 0) throw new Error(`prefix of <${tag}> is not declared`);
  const children = node[tag];
  return {
    namespace: namespace ?? '',
    name: tag.slice(colon + 1),
    children: elementsIn(children, prefixes),
    text: textIn(children),
  };
}

function textIn(nodes: unknown): string {
  if (!Array.isArray(nodes)) return '';
  return nodes.map((node: unknown) => (isRecord(node) && '#text' in node ? String(node['#text']) : '')).join('');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
