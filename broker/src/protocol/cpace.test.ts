import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toBase64Url, toHex, utf8 } from './bytes.ts';
import { answerProof, generatorString, isSameProof, message, openSides, sessionKey, startProof } from './cpace.ts';

const NONE = new Uint8Array(0);
const view = { rootFingerprint: 'a'.repeat(64), agentId: 'b'.repeat(52) };
const request = 'enr-aaaaaaaaaaaaaaaa';

describe('the vectors of draft-irtf-cfrg-cpace, ristretto255 and SHA-512', () => {
  const password = utf8('Password');
  const channel = utf8('\nAinitiator\nBresponder');
  const session = fromHex('7e4b4791d6a8ef019b936c79fb7f2c57');
  const shareA = fromHex('da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08');
  const shareB = fromHex('d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d');
  const pointA = '383a85dd236978f17f8c8545b50dabc52a39fcdab2cf8bc531ce040ff77ca82d';
  const pointB = 'a6206309c0e8e5f579295e35997ac4300ab3fecec3c17f7b604f3e698fa1383c';
  const secret = 'fa1d0318864e2cacb26875f1b791c9ae83204fe8359addb53e95a2e98893853f';

  test('the generator', async () => {
    const string = generatorString(password, channel, session);
    expect(string).toHaveLength(168);
    expect(toHex(string.subarray(0, 28))).toBe('11435061636552697374726574746f3235350850617373776f726464');
    const { generator } = await openSides(password, channel, session);
    expect(toHex(generator)).toBe('5e25411ca1ad7c9debfd0b33ad987a95cefef2d3f15dcc8bd26415a5dfe2e15a');
  });

  test('shares, the secret of both sides, and the session key', async () => {
    const sides = await openSides(password, channel, session);
    const [a, b] = [sides.share(shareA), sides.share(shareB)];
    expect([toHex(a.point), toHex(b.point)]).toEqual([pointA, pointB]);
    expect(toHex(a.secretWith(b.point)!)).toBe(secret);
    expect(toHex(b.secretWith(a.point)!)).toBe(secret);
    const key = sessionKey(session, fromHex(secret), message(a.point, utf8('ADa')), message(b.point, utf8('ADb')));
    expect(toHex(key)).toBe(
      'e91ccb2c0f5e0d0993a33956e3be59754f3f2b07db57631f5394452ea2e7b4354674eb1f5686c078462bf83bec72e8743df440108e638f3526d9b90e85be096f',
    );
  });

  test.each([
    ['what is no point', '2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c'],
    ['the neutral element', '0'.repeat(64)],
  ])('%s ends the protocol', async (_name, point) => {
    const sides = await openSides(password, channel, session);
    const share = sides.share(fromHex('7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05'));
    expect(share.secretWith(fromHex(point))).toBeUndefined();
  });

  test('a point that is one is multiplied', async () => {
    const sides = await openSides(password, channel, session);
    const share = sides.share(fromHex('7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05'));
    const product = share.secretWith(fromHex('2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c'));
    expect(toHex(product!)).toBe('7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e');
  });
});

describe('a proof', () => {
  const prove = async (typed: string, consoleSees = view, consoleRequest = request) => {
    const pc = await startProof('K7M2QX', view);
    const answer = (await answerProof(typed, consoleSees, { message: pc.message, request: consoleRequest }))!;
    return { pc, answer, confirm: await pc.finish(answer.answer, answer.confirm, request) };
  };

  test('holds between two who know the code and see the same', async () => {
    const { answer, confirm } = await prove('K7M2QX');
    expect(isSameProof(confirm!, answer.expected)).toBe(true);
  });

  test.each([
    ['another code', () => prove('K7M2QY')],
    ['another root: somebody is in between', () => prove('K7M2QX', { ...view, rootFingerprint: 'c'.repeat(64) })],
    ['another PC', () => prove('K7M2QX', { ...view, agentId: 'c'.repeat(52) })],
    ['another request', () => prove('K7M2QX', view, 'enr-bbbbbbbbbbbbbbbb')],
  ])('does not hold with %s, and the PC sends nothing', async (_name, run) => {
    expect((await run()).confirm).toBeUndefined();
  });

  test('does not hold against the PC’s own message', async () => {
    const pc = await startProof('K7M2QX', view);
    expect(await pc.finish(pc.message, toBase64Url(new Uint8Array(64)), request)).toBeUndefined();
  });

  test('never holds with what was made up, on either side', async () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toBase64Url);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(bytes(32), fc.string()),
        fc.oneof(bytes(64), fc.string()),
        async (madeUp, madeUpTag) => {
          const pc = await startProof('K7M2QX', view);
          expect(await pc.finish(madeUp, madeUpTag, request)).toBeUndefined();
          const answer = await answerProof('K7M2QX', view, { message: madeUp, request });
          if (answer !== undefined) expect(isSameProof(madeUpTag, answer.expected)).toBe(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('says nothing twice: every message is new', async () => {
    const messages = await Promise.all([1, 2].map(() => startProof('K7M2QX', view)));
    expect(messages[0]!.message).not.toBe(messages[1]!.message);
  });

  test('of no length is never the same as another', () => {
    expect(isSameProof('', '')).toBe(false);
    expect(isSameProof(toBase64Url(NONE), toBase64Url(new Uint8Array(64)))).toBe(false);
  });
});
