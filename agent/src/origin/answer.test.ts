import { expect, test } from 'vitest';
import { problemOf } from './answer.ts';

const part = { from: 100, to: 200, fileSize: 1000, whole: false };
const all = { from: 0, to: 1000, fileSize: 1000, whole: true };
const good = { 'content-range': 'bytes 100-199/1000', 'content-length': '100' };

test.each([
  { name: 'the exact range', asked: part, status: 206, headers: good, code: undefined },
  {
    name: 'another range',
    asked: part,
    status: 206,
    headers: { 'content-range': 'bytes 0-99/1000' },
    code: 'origin.unexpected',
  },
  { name: 'no Content-Range', asked: part, status: 206, headers: {}, code: 'origin.unexpected' },
  { name: 'the whole file for a range', asked: part, status: 200, headers: {}, code: 'origin.range_ignored' },
  {
    name: 'the whole file when asked',
    asked: all,
    status: 200,
    headers: { 'content-length': '1000' },
    code: undefined,
  },
  { name: 'a part when the whole was asked', asked: all, status: 206, headers: good, code: 'origin.unexpected' },
  {
    name: 'a file of another length',
    asked: all,
    status: 200,
    headers: { 'content-length': '999' },
    code: 'origin.unexpected',
  },
  { name: 'a stale version', asked: part, status: 412, headers: {}, code: 'origin.changed' },
  { name: 'a file that became shorter', asked: part, status: 416, headers: {}, code: 'origin.changed' },
  { name: 'a refused link', asked: part, status: 401, headers: {}, code: 'origin.unauthorised' },
  { name: 'a missing file', asked: part, status: 404, headers: {}, code: 'origin.not_found' },
  { name: 'a blocked network', asked: part, status: 429, headers: {}, code: 'origin.throttled' },
  {
    name: 'maintenance, by header',
    asked: part,
    status: 503,
    headers: { 'x-nextcloud-maintenance-mode': '1' },
    code: 'origin.maintenance',
  },
  {
    name: 'maintenance, by exception',
    asked: part,
    status: 503,
    text: '<s:exception>OCA\\DAV\\Exception\\ServerMaintenanceMode</s:exception>',
    headers: {},
    code: 'origin.maintenance',
  },
  {
    name: 'a dead link of 29+',
    asked: part,
    status: 503,
    text: '<s:message>Sabre\\DAV\\Exception\\NotFound: </s:message>',
    headers: {},
    code: 'origin.unauthorised',
  },
  {
    name: 'a disabled owner',
    asked: part,
    status: 503,
    text: '<s:message>OC\\User\\LoginException: User disabled</s:message>',
    headers: {},
    code: 'origin.unauthorised',
  },
  {
    name: 'storage trouble',
    asked: part,
    status: 503,
    text: '<s:message>external storage</s:message>',
    headers: {},
    code: 'origin.unexpected',
  },
  { name: 'a proxy without a server', asked: part, status: 502, headers: {}, code: 'origin.unreachable' },
  { name: 'a login page', asked: part, status: 302, headers: {}, code: 'origin.unexpected' },
])('$name ($status) → $code', ({ asked, status, headers, text, code }) => {
  const head = { status, header: (name: string) => (headers as Record<string, string>)[name] };
  expect(problemOf(head, asked, text ?? '', 0)?.code).toBe(code);
});

test.each([
  { retryAfter: '120', ms: 120_000 },
  { retryAfter: 'Thu, 01 Jan 1970 00:05:00 GMT', ms: 300_000 },
  { retryAfter: 'soon', ms: 1_800_000 },
])('Retry-After: $retryAfter is $ms ms', ({ retryAfter, ms }) => {
  const head = { status: 429, header: (name: string) => (name === 'retry-after' ? retryAfter : undefined) };
  expect(problemOf(head, part, '', 0)?.facts.retryAfterMs).toBe(ms);
});
