/** 207 Multi-Status, read as it arrives: a listing of 10 000 files is parsed piece by piece and never blocks the process for long. */
import { HarpError } from '@harp/broker/protocol';
import type { XmlElement } from './xml.ts';
import { child, childrenOf, namespaces, parseXml } from './xml.ts';

const { dav, owncloud, nextcloud } = namespaces;

/** The properties Harp asks for: what a walk needs and nothing that costs the server extra queries (api.md 4.1). */
export const propfindBody =
  '<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop>' +
  '<d:getetag/><d:resourcetype/><d:getcontentlength/><d:getlastmodified/><oc:fileid/><oc:size/><oc:permissions/>' +
  '<nc:mount-type/><nc:is-encrypted/></d:prop></d:propfind>';

/** One file or folder of a listing. */
export interface DavNode {
  /** As sent: an absolute path or URL, percent-encoded. */
  href: string;
  isFolder: boolean;
  /** Without quotes; empty if the server gave none. */
  etag: string;
  /** Unique in one Nextcloud; empty if the server gave none. */
  fileId: string;
  /** Bytes; −1 when the server does not know (external storage not scanned yet). */
  size: number;
  /** UTC epoch, milliseconds; 0 when unknown or before 1970. */
  mtimeMs: number;
  /** Empty, `shared`, `group`, `external` or `external-session`. */
  mountType: string;
  /** End-to-end encrypted folder: its content is of no use to anybody without the owner's keys. */
  endToEndEncrypted: boolean;
  /** Letters as in api.md 4.1; empty if the server gave none. */
  permissions: string;
}

/** Takes a multi-status body apart while it arrives. Holds one unfinished response, and no more than `maxPendingChars` of it. */
export interface MultistatusReader {
  /** Takes the next text and returns the nodes that are complete. @throws {HarpError} `origin.unexpected` */
  push(text: string): DavNode[];
  /** Checks that the body was whole. @throws {HarpError} `origin.short_body` */
  end(): void;
}

/** One response holds about a dozen short properties; a megabyte of it is an attack or a fault. */
const MAX_PENDING_CHARS = 1024 * 1024;
const ROOT_TAG = /<((?:[\w.-]+:)?)multistatus(?:\s[^>]*)?>/;

/** A reader at the start of a body. */
export function createMultistatusReader(maxPendingChars: number = MAX_PENDING_CHARS): MultistatusReader {
  let pending = '';
  let root: { open: string; close: string } | undefined;
  let responseEnd = '';
  let finished = false;

  const openRoot = (): boolean => {
    if (/<!DOCTYPE/i.test(pending)) throw unexpected('a listing with a DOCTYPE');
    const match = ROOT_TAG.exec(pending);
    if (match === null) return false;
    if (match[0].endsWith('/>')) finished = true;
    root = { open: match[0], close: `</${match[1]}multistatus>` };
    responseEnd = `</${match[1]}response>`;
    pending = pending.slice(match.index + match[0].length);
    return true;
  };

  return {
    push(text) {
      pending += text;
      if (finished || (root === undefined && !openRoot())) return guard([]);
      const whole = pending.lastIndexOf(responseEnd);
      const cut = whole < 0 ? 0 : whole + responseEnd.length;
      const complete = pending.slice(0, cut);
      pending = pending.slice(cut);
      const { open, close } = root as { open: string; close: string };
      if (pending.includes(close)) finished = true;
      return guard(complete === '' ? [] : nodesOf(parseXml(`${open}${complete}${close}`)));
    },
    end() {
      if (!finished) throw new HarpError('origin.short_body', 'a listing from Nextcloud broke off');
    },
  };

  function guard(nodes: DavNode[]): DavNode[] {
    if (pending.length > maxPendingChars) throw unexpected('a listing with an entry of more than a megabyte');
    return nodes;
  }
}

/** All nodes of a whole multi-status body. @throws {HarpError} `origin.unexpected`, `origin.short_body` */
export function parseMultistatus(text: string): DavNode[] {
  const reader = createMultistatusReader();
  const nodes = reader.push(text);
  reader.end();
  return nodes;
}

function nodesOf(multistatus: XmlElement): DavNode[] {
  if (multistatus.ns !== dav) throw unexpected('a listing that is not in the DAV: namespace');
  return childrenOf(multistatus, dav, 'response').map(nodeOf);
}

function nodeOf(response: XmlElement): DavNode {
  const href = child(response, dav, 'href')?.text.trim();
  if (href === undefined || href === '') throw unexpected('a listing entry without href');
  const found = childrenOf(response, dav, 'propstat')
    .filter((propstat) => / 200(?: |$)/.test(child(propstat, dav, 'status')?.text ?? ''))
    .flatMap((propstat) => child(propstat, dav, 'prop')?.children ?? []);
  const property = (ns: string, name: string) => found.find((element) => element.ns === ns && element.name === name);
  const textOf = (ns: string, name: string) => property(ns, name)?.text.trim() ?? '';
  const type = property(dav, 'resourcetype');
  const isFolder = type !== undefined && child(type, dav, 'collection') !== undefined;
  return {
    href,
    isFolder,
    etag: unquoteEtag(textOf(dav, 'getetag')),
    fileId: textOf(owncloud, 'fileid'),
    size: sizeOf(textOf(dav, 'getcontentlength') || textOf(owncloud, 'size')),
    mtimeMs: instantOf(textOf(dav, 'getlastmodified')),
    mountType: textOf(nextcloud, 'mount-type'),
    endToEndEncrypted: textOf(nextcloud, 'is-encrypted') === '1',
    permissions: textOf(owncloud, 'permissions'),
  };
}

/** An ETag without weakness mark, quotes and the `-gzip` that Apache may add; as entries carry it. */
export function unquoteEtag(etag: string): string {
  return etag
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1')
    .replace(/-gzip$/, '');
}

function sizeOf(text: string): number {
  const size = Number(text);
  return text !== '' && Number.isSafeInteger(size) && size >= 0 ? size : -1;
}

function instantOf(text: string): number {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

function unexpected(what: string): HarpError {
  return new HarpError('origin.unexpected', `Nextcloud sent ${what}`);
}
