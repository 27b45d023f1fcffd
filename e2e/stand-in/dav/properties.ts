import type { Cloud } from '../cloud/cloud.ts';
import { sizeOf, type TreeNode } from '../cloud/nodes.ts';
import type { DavView } from './view.ts';
import { escapeXml, namespaces } from './xml.ts';

/** A property someone asks for. */
export interface PropertyName {
  readonly namespace: string;
  readonly name: string;
}

/** What PROPFIND without a body gives. */
export const defaultProperties: readonly PropertyName[] = [
  'getlastmodified',
  'getcontentlength',
  'resourcetype',
  'quota-used-bytes',
  'quota-available-bytes',
  'getetag',
  'getcontenttype',
].map((name) => ({ namespace: namespaces.d, name }));

interface Subject {
  readonly cloud: Cloud;
  readonly view: DavView;
  readonly node: TreeNode;
}

type Property = (subject: Subject) => string | undefined;

const onFiles = (value: (node: TreeNode & { kind: 'file' }, subject: Subject) => string | undefined): Property => {
  return (subject) => (subject.node.kind === 'file' ? value(subject.node, subject) : undefined);
};
const onFolders = (value: (node: TreeNode & { kind: 'folder' }, subject: Subject) => string): Property => {
  return (subject) => (subject.node.kind === 'folder' ? value(subject.node, subject) : undefined);
};

/** Inner XML per property; undefined puts it in the 404 propstat. Which kind of node has which one is as recorded. */
const properties: Readonly<Record<string, Property>> = {
  'd:getetag': ({ node }) => `&quot;${node.etag}&quot;`,
  'd:getlastmodified': ({ node }) => httpDate(node.mtimeSeconds),
  'd:getcontentlength': onFiles((file) => String(file.content.sizeBytes)),
  'd:getcontenttype': onFiles((file) => file.mimeType),
  'd:resourcetype': ({ node }) => (node.kind === 'folder' ? '<d:collection/>' : ''),
  'd:displayname': ({ node, view }) => escapeXml(node.parent === undefined ? view.ownerId : node.name),
  'd:quota-used-bytes': onFolders((folder) => String(folder.sizeBytes)),
  'd:quota-available-bytes': onFolders(() => '-3'),
  'oc:fileid': ({ node }) => String(node.id),
  'oc:id': ({ node, cloud }) => fileIdHeader(cloud, node),
  'oc:size': ({ node }) => String(sizeOf(node)),
  'oc:permissions': ({ node, view }) => permissionsOf(view, node),
  'oc:checksums': onFiles((file) => file.checksums && `<oc:checksum>${escapeXml(file.checksums)}</oc:checksum>`),
  'oc:owner-id': ({ view }) => escapeXml(view.ownerId),
  'oc:owner-display-name': ({ view, cloud }) =>
    escapeXml(cloud.accounts.users.get(view.ownerId)?.displayName ?? view.ownerId),
  'oc:favorite': () => '0',
  'oc:comments-unread': () => '0',
  'oc:share-types': () => '',
  'oc:data-fingerprint': () => '',
  'nc:mount-type': () => '',
  'nc:is-encrypted': onFolders(() => '0'),
  'nc:has-preview': ({ node }) => String(hasPreview(node)),
  'nc:creation_time': () => '0',
  'nc:upload_time': ({ node }) => String(node.kind === 'file' ? node.uploadedAtSeconds : 0),
  'nc:contained-folder-count': onFolders((folder) => countChildren(folder.children, 'folder')),
  'nc:contained-file-count': onFolders((folder) => countChildren(folder.children, 'file')),
};

const prefixByNamespace = new Map<string, string>(Object.entries(namespaces).map(([prefix, uri]) => [uri, prefix]));

/** One `d:propstat` per status with the asked properties in the asked order; `minimal` leaves out the 404s. */
export function propstats(subject: Subject, asked: readonly PropertyName[], minimal: boolean): string {
  const found: string[] = [];
  const missing: string[] = [];
  for (const property of asked) {
    const tag = tagOf(property);
    const value = tag === undefined ? undefined : properties[tag]?.(subject);
    if (value === undefined) missing.push(emptyElement(property));
    else found.push(value === '' && tag === 'd:resourcetype' ? emptyElement(property) : `<${tag}>${value}</${tag}>`);
  }
  const missingPart = missing.length === 0 || minimal ? '' : propstat(missing, '404 Not Found');
  return (found.length > 0 || missingPart === '' ? propstat(found, '200 OK') : '') + missingPart;
}

/** An element without content, with a declaration of its own when the namespace is none of Nextcloud's. */
export function emptyElement(property: PropertyName): string {
  const tag = tagOf(property);
  return tag === undefined ? `<x1:${property.name} xmlns:x1="${escapeXml(property.namespace)}"/>` : `<${tag}/>`;
}

function tagOf({ namespace, name }: PropertyName): string | undefined {
  const prefix = prefixByNamespace.get(namespace);
  return prefix && `${prefix}:${name}`;
}

/** One `d:propstat` element around ready-made property elements. */
export function propstat(elements: readonly string[], status: string): string {
  return `<d:propstat><d:prop>${elements.join('')}</d:prop><d:status>HTTP/1.1 ${status}</d:status></d:propstat>`;
}

/** A whole multi-status document around ready-made `d:response` elements. */
export function multiStatus(responses: readonly string[]): string {
  const declarations = Object.entries(namespaces).map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`);
  return `<?xml version="1.0"?>\n<d:multistatus ${declarations.join(' ')}>${responses.join('')}</d:multistatus>\n`;
}

/** `OC-FileId` and `oc:id`: the number, padded to eight digits, and the instance id. */
export function fileIdHeader(cloud: Cloud, node: TreeNode): string {
  return `${String(node.id).padStart(8, '0')}${cloud.instanceId}`;
}

/** RFC 9110 date from Unix seconds. */
export function httpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString();
}

function permissionsOf(view: DavView, node: TreeNode): string {
  if (!view.writable) return 'RG';
  return node.kind === 'folder' ? 'RGDNVCK' : 'RGDNVW';
}

function hasPreview(node: TreeNode): boolean {
  return node.kind === 'file' && node.content.sizeBytes > 0 && /^(text|image)\//.test(node.mimeType);
}

function countChildren(children: ReadonlyMap<string, TreeNode>, kind: TreeNode['kind']): string {
  return String([...children.values()].filter((node) => node.kind === kind).length);
}
