/** XML as Nextcloud sends it, read by namespace URI. Entities are never expanded, but for the five of XML itself and numbers. */
import { HarpError } from '@harp/broker/protocol';
import { XMLParser } from 'fast-xml-parser';

/** One element: namespace URI (empty if none), local name, child elements in order, and its own text without the children's. */
export interface XmlElement {
  ns: string;
  name: string;
  children: XmlElement[];
  text: string;
}

export const namespaces = {
  dav: 'DAV:',
  owncloud: 'http://owncloud.org/ns',
  nextcloud: 'http://nextcloud.org/ns',
  sabre: 'http://sabredav.org/ns',
} as const;

const ATTRIBUTES = ':@';
const TEXT = '#text';
const CDATA = '#cdata';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: CDATA,
});

type RawNode = Record<string, unknown>;
type Scope = ReadonlyMap<string, string>;

/**
 * Parses one document.
 *
 * @throws {HarpError} `origin.unexpected` if it is no XML, has no root, uses an undeclared prefix or carries a DOCTYPE.
 */
export function parseXml(text: string): XmlElement {
  if (/<!DOCTYPE/i.test(text)) throw malformed('it carries a DOCTYPE');
  let nodes: RawNode[];
  try {
    nodes = parser.parse(text) as RawNode[];
  } catch (cause) {
    throw malformed('it cannot be parsed', cause);
  }
  const roots = nodes.filter((node) => tagOf(node) !== undefined);
  const [root] = roots;
  if (root === undefined || roots.length > 1) throw malformed('it has no single root element');
  return toElement(root, new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]));
}

/** The first child of this name. */
export function child(element: XmlElement, ns: string, name: string): XmlElement | undefined {
  return element.children.find((candidate) => candidate.ns === ns && candidate.name === name);
}

/** All children of this name, in order. */
export function childrenOf(element: XmlElement, ns: string, name: string): XmlElement[] {
  return element.children.filter((candidate) => candidate.ns === ns && candidate.name === name);
}

function tagOf(node: RawNode): string | undefined {
  return Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT && key !== CDATA);
}

function toElement(node: RawNode, outer: Scope): XmlElement {
  const tag = tagOf(node) as string;
  const attributes = (node[ATTRIBUTES] ?? {}) as Record<string, string>;
  const scope = scopeWithin(outer, attributes);
  const colon = tag.indexOf(':');
  const prefix = colon < 0 ? '' : tag.slice(0, colon);
  const ns = scope.get(prefix);
  if (ns === undefined && prefix !== '') throw malformed(`the prefix ${prefix} is not declared`);
  const element: XmlElement = { ns: ns ?? '', name: tag.slice(colon + 1), children: [], text: '' };
  for (const inner of node[tag] as RawNode[]) {
    if (typeof inner[TEXT] === 'string') element.text += decodeEntities(inner[TEXT]);
    else if (Array.isArray(inner[CDATA])) element.text += textOfCdata(inner[CDATA] as RawNode[]);
    else if (tagOf(inner) !== undefined) element.children.push(toElement(inner, scope));
  }
  return element;
}

function scopeWithin(outer: Scope, attributes: Record<string, string>): Scope {
  const declared = Object.entries(attributes).filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'));
  if (declared.length === 0) return outer;
  return new Map([...outer, ...declared.map(([name, uri]): [string, string] => [name.slice(6), decodeEntities(uri)])]);
}

function textOfCdata(nodes: RawNode[]): string {
  return nodes.map((node) => (typeof node[TEXT] === 'string' ? node[TEXT] : '')).join('');
}

const predefined: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(\w{1,32}));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return predefined[name as string] ?? whole;
    const point = Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : whole;
  });
}

function malformed(why: string, cause?: unknown): HarpError {
  return new HarpError('origin.unexpected', `Nextcloud sent XML that Harp does not read: ${why}`, { cause });
}
