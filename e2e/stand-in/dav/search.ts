import type { Cloud } from '../cloud/cloud.ts';
import { namesIn, sizeOf, type TreeNode, walk } from '../cloud/nodes.ts';
import type { Exchange } from '../wire/exchange.ts';
import { davHeaders, type Reply } from '../wire/reply.ts';
import { badRequest, notFound } from './errors.ts';
import { multiStatus, propstats } from './properties.ts';
import { readXml } from './request-xml.ts';
import { type DavView, hrefOf, lookUp } from './view.ts';
import { child, type XmlElement } from './xml.ts';

const pagingNamespace = 'https://github.com/icewind1991/SearchDAV/ns';
const defaultLimit = 100;

type Comparable = string | number | boolean;

/** Values that `where` and `orderby` may use, by property name. */
const fields: Readonly<Record<string, (node: TreeNode) => Comparable>> = {
  displayname: (node) => node.name,
  getcontenttype: (node) => (node.kind === 'file' ? node.mimeType : 'httpd/unix-directory'),
  getlastmodified: (node) => node.mtimeSeconds,
  size: sizeOf,
  fileid: (node) => node.id,
  favorite: () => false,
};

/** DASL basic search over the files of the user whose files `view` shows (api.md 4.8); always recursive. */
export async function search(exchange: Exchange, cloud: Cloud, view: DavView): Promise<Reply> {
  const query = path(await readXml(exchange), 'basicsearch');
  const asked = path(query, 'select', 'prop')?.children ?? [];
  const where = child(query ?? empty, 'where')?.children[0];
  const scope = scopeOf(view, path(query, 'from', 'scope', 'href')?.text ?? '');
  const found = [...walk(scope)].filter((node) => where === undefined || matches(where, node));
  const ordered = ordering(child(query ?? empty, 'orderby'), found);

  const limit = child(query ?? empty, 'limit');
  const first = Number((limit && child(limit, 'firstresult', pagingNamespace))?.text ?? 0);
  const count = Number((limit && child(limit, 'nresults'))?.text ?? defaultLimit);
  const responses = ordered.slice(first, first + count).map((node) => {
    const properties = propstats({ cloud, view, node }, asked, false);
    return `<d:response><d:href>${hrefOf(view, node)}</d:href>${properties}</d:response>`;
  });
  const headers = { ...davHeaders, 'Content-Type': 'application/xml; charset="utf-8"' };
  return { status: 207, headers, body: Buffer.from(multiStatus(responses)) };
}

const empty: XmlElement = { namespace: '', name: '', children: [], text: '' };

function path(element: XmlElement | undefined, ...names: string[]): XmlElement | undefined {
  return names.reduce((at: XmlElement | undefined, name) => at && child(at, name), element);
}

/** The scope is a raw path such as `/files/alice/Sub`, not percent-encoded. */
function scopeOf(view: DavView, href: string): TreeNode {
  const [collection, userId, ...below] = namesIn(href);
  const node = collection === 'files' && userId === view.ownerId ? lookUp(view, below) : undefined;
  if (node === undefined) throw notFound(`File with name ${href} could not be located`);
  return node;
}

function matches(condition: XmlElement, node: TreeNode): boolean {
  const { name, children } = condition;
  if (name === 'and') return children.every((part) => matches(part, node));
  if (name === 'or') return children.some((part) => matches(part, node));
  if (name === 'not') return children.every((part) => !matches(part, node));
  if (name === 'is-collection') return node.kind === 'folder';
  const value = fieldOf(condition)(node);
  const literal = child(condition, 'literal')?.text ?? '';
  return name === 'like'
    ? likeness(literal).test(String(value))
    : compares(name, order(value, literalLike(value, literal)));
}

function compares(operator: string, sign: number): boolean {
  const outcomes: Readonly<Record<string, boolean>> = {
    eq: sign === 0,
    gt: sign > 0,
    gte: sign >= 0,
    lt: sign < 0,
    lte: sign <= 0,
  };
  const outcome = outcomes[operator];
  if (outcome === undefined) throw badRequest(`Unknown operator ${operator}`);
  return outcome;
}

function fieldOf(condition: XmlElement): (node: TreeNode) => Comparable {
  const name = child(condition, 'prop')?.children[0]?.name ?? '';
  const field = fields[name];
  if (field === undefined) throw badRequest(`Property not available for search: ${name}`);
  return field;
}

/** Dates are compared as Unix seconds. */
function literalLike(value: Comparable, literal: string): Comparable {
  if (typeof value === 'boolean') return literal === '1' || literal === 'true' || literal === 'yes';
  if (typeof value === 'string') return literal;
  return /^\d+$/.test(literal) ? Number(literal) : Date.parse(literal) / 1000;
}

function order(a: Comparable, b: Comparable): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** SQL's `%` and `_`, regardless of case as on SQLite and MySQL. */
function likeness(pattern: string): RegExp {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, 'isu');
}

/** Nodes that compare equal come newest id first. */
function ordering(orderby: XmlElement | undefined, nodes: TreeNode[]): TreeNode[] {
  const keys = (orderby?.children ?? []).map((part) => {
    if (child(part, 'prop')?.children[0]?.name === 'fileid') throw badRequest('Property not sortable: fileid');
    return { field: fieldOf(part), sign: child(part, 'descending') === undefined ? 1 : -1 };
  });
  return nodes.sort((a, b) => {
    for (const { field, sign } of keys) {
      const result = order(field(a), field(b)) * sign;
      if (result !== 0) return result;
    }
    return b.id - a.id;
  });
}
