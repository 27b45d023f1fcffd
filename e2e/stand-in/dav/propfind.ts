import { gzipSync } from 'node:zlib';
import type { Cloud } from '../cloud/cloud.ts';
import { childrenOf, type TreeNode, walk } from '../cloud/nodes.ts';
import type { Exchange } from '../wire/exchange.ts';
import { davHeaders, type Reply } from '../wire/reply.ts';
import { defaultProperties, emptyElement, multiStatus, type PropertyName, propstat, propstats } from './properties.ts';
import { readXml } from './request-xml.ts';
import { type DavView, davFeatures, hrefOf } from './view.ts';
import { child, type XmlElement } from './xml.ts';

/** Answers PROPFIND for a node that exists. */
export async function propfind(exchange: Exchange, cloud: Cloud, view: DavView, node: TreeNode): Promise<Reply> {
  const asked = askedProperties(await readXml(exchange));
  const minimal = /(^|[,;\s])return=minimal/i.test(exchange.header('prefer') ?? '') || exchange.header('brief') === 't';
  const responses = nodesWithin(node, exchange.header('depth')).map((subject) => {
    const href = hrefOf(view, subject);
    return `<d:response><d:href>${href}</d:href>${propstats({ cloud, view, node: subject }, asked, minimal)}</d:response>`;
  });
  return multiStatusReply(exchange, multiStatus(responses), view.features);
}

/** What a user sees of another user's root: that it is a folder, and nothing more (recorded). */
export async function propfindForeignRoot(exchange: Exchange, hrefBase: string): Promise<Reply> {
  const asked = askedProperties(await readXml(exchange));
  const others = asked.filter(({ name }) => name !== 'resourcetype').map(emptyElement);
  const known = propstat(['<d:resourcetype><d:collection/></d:resourcetype>'], '200 OK');
  const unknown = others.length === 0 ? '' : propstat(others, '404 Not Found');
  const response = `<d:response><d:href>${hrefBase}/</d:href>${known}${unknown}</d:response>`;
  return multiStatusReply(exchange, multiStatus([response]), davFeatures.user);
}

/** A 207, gzipped when the client takes that. */
export function multiStatusReply(exchange: Exchange, xml: string, features: string): Reply {
  const gzip = /\bgzip\b/.test(exchange.header('accept-encoding') ?? '');
  return {
    status: 207,
    headers: {
      ...davHeaders,
      'Content-Type': 'application/xml; charset=utf-8',
      Vary: gzip ? 'Brief,Prefer,Accept-Encoding' : 'Brief,Prefer',
      DAV: features,
      ...(gzip ? { 'Content-Encoding': 'gzip' } : {}),
    },
    body: gzip ? gzipSync(xml) : Buffer.from(xml),
  };
}

function askedProperties(root: XmlElement | undefined): readonly PropertyName[] {
  const prop = root && child(root, 'prop');
  return prop === undefined ? defaultProperties : prop.children.map(({ namespace, name }) => ({ namespace, name }));
}

/** No `Depth` means 1; `infinity` is honoured, as it is on 27 (api.md 4.1). */
function nodesWithin(node: TreeNode, depth: string | undefined): TreeNode[] {
  if (depth === '0') return [node];
  if (depth?.toLowerCase() === 'infinity') return [...walk(node)];
  return node.kind === 'folder' ? [node, ...childrenOf(node)] : [node];
}
