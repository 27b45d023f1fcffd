/** HTTP requests as bytes: near to what a server takes, and far from it. */
import fc from 'fast-check';
import { damaged, hostileText, inAddress, utf8Of } from './bytes.ts';
import type { HttpBytes } from './http-line.ts';

/** A request before it is written down. */
export interface HttpWish {
  method: string;
  path: string;
  headers: readonly (readonly [string, string])[];
  body: string | Uint8Array;
}

/** Writes a request with the length of its body. */
export function requestBytes({ method, path, headers, body }: HttpWish): HttpBytes {
  const bytes = typeof body === 'string' ? utf8Of(body) : body;
  return framed({ method, path, headers, body }, [['content-length', String(bytes.length)]], bytes);
}

function framed(
  wish: Omit<HttpWish, 'body'> & { body: unknown },
  framing: [string, string][],
  body: Uint8Array,
  whole = true,
): HttpBytes {
  const lines = [...wish.headers, ...framing].map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, ' ')}`);
  const head = `${oneLine(wish.method)} ${oneLine(wish.path)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  return { bytes: Buffer.concat([utf8Of(head), body]), whole, isHead: wish.method === 'HEAD' };
}

const oneLine = (text: string) => text.replaceAll(/[\r\n]/g, ' ');

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE') },
  { weight: 2, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'CONNECT', 'QUERY') },
  { weight: 1, arbitrary: hostileText },
);

const turns: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.toUpperCase(),
  (path) => `${path}?${path}`,
  (path) => `${path}#x`,
  (path) => `${path}/../..${path}`,
  (path) => path.replaceAll('/', '%2f'),
  (path) => path.replaceAll('/', '\\'),
  (path) => `https://elsewhere.example${path}`,
  (path) => `${path}%00`,
  (path) => `${path}?${'a=b&'.repeat(1000)}`,
  (path) => path.slice(0, -1),
  () => '*',
  () => '/',
  () => '//',
];

function pathLike(paths: readonly string[]): fc.Arbitrary<string> {
  const known = fc.constantFrom(...paths);
  return fc.oneof(
    { weight: 6, arbitrary: known },
    { weight: 3, arbitrary: fc.tuple(known, fc.constantFrom(...turns)).map(([path, turn]) => turn(path)) },
    {
      weight: 1,
      arbitrary: fc.tuple(known, hostileText).map(([path, text]) => `${path}/${inAddress(text)}`),
    },
    { weight: 1, arbitrary: hostileText },
  );
}

const header: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'content-type',
      'accept',
      'cookie',
      'authorization',
      'range',
      'origin',
      'x-forwarded-for',
      'connection',
      'upgrade',
      'te',
      'if-none-match',
      'expect',
      'content-encoding',
      'x-request-id',
    ),
    fc.oneof(
      hostileText,
      fc.constantFrom(
        'application/json',
        'text/html',
        'gzip',
        '100-continue',
        'websocket',
        'Upgrade',
        'keep-alive',
        'bytes=0-1,5-',
      ),
    ),
  ),
  fc.tuple(
    fc.stringMatching(/^[a-zA-Z-]{1,20}$/).map((name) => `x-${name}`),
    hostileText,
  ),
  fc.constant(['x-large', 'x'.repeat(20_000)] as const),
);
const headers = fc
  .tuple(fc.constant(['host', 'localhost'] as const), fc.array(header, { maxLength: 4 }))
  .map(([host, more]) => [host, ...more]);

/** Any requests to these paths; `body` is what they take. */
export function httpInputs(paths: readonly string[], body: fc.Arbitrary<string>): fc.Arbitrary<HttpBytes> {
  const wish = fc.record({ method, path: pathLike(paths), headers, body });
  const posted = fc.record({
    method: fc.constant('POST'),
    path: fc.constantFrom(...paths),
    headers: fc.constant([['host', 'localhost']] as [string, string][]),
    body,
  });
  return fc.oneof(
    { weight: 6, arbitrary: posted.map(requestBytes) },
    { weight: 6, arbitrary: wish.map(requestBytes) },
    {
      weight: 2,
      arbitrary: fc.tuple(posted, fc.integer({ min: 1, max: 4000 })).map(([each, size]) => chunked(each, size)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(wish, fc.constantFrom<Misframing>('short', 'long', 'both', 'none', 'bad chunk', 'twice', 'minus'))
        .map(([each, how]) => misframed(each, how)),
    },
    {
      weight: 1,
      arbitrary: damaged(
        wish.map((each) => requestBytes(each).bytes),
        4,
      ).map(unframed),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2000 }).map(unframed) },
  );
}

/** Bytes of which nobody knows where they end. */
const unframed = (bytes: Uint8Array): HttpBytes => ({ bytes, whole: false, isHead: false });

function chunked(wish: HttpWish, size: number): HttpBytes {
  const body = typeof wish.body === 'string' ? utf8Of(wish.body) : wish.body;
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    parts.push(utf8Of(`${part.length.toString(16)}\r\n`), part, utf8Of('\r\n'));
  }
  return framed(wish, [['transfer-encoding', 'chunked']], Buffer.concat([...parts, utf8Of('0\r\n\r\n')]));
}

type Misframing = 'short' | 'long' | 'both' | 'none' | 'bad chunk' | 'twice' | 'minus';

function misframed(wish: HttpWish, how: Misframing): HttpBytes {
  const body = typeof wish.body === 'string' ? utf8Of(wish.body) : wish.body;
  const length = (value: number | string): [string, string] => ['content-length', String(value)];
  const coded: [string, string] = ['transfer-encoding', 'chunked'];
  const framings: Record<Misframing, [string, string][]> = {
    short: [length(Math.max(0, body.length - 3))],
    long: [length(body.length + 100)],
    both: [length(body.length), coded],
    none: [],
    'bad chunk': [coded],
    twice: [length(body.length), length(body.length + 1)],
    minus: [length('-1')],
  };
  return framed(wish, framings[how], body, false);
}
