/** Checks chains beside the page, which stays quick meanwhile. It is given everything it needs and asks nobody for anything. */

import { proveByWebCrypto } from '../../../api/signature.ts';
import { createChecker } from './checker.ts';
import { type Answer, answerBy, type Question } from './worker-protocol.ts';

/** Written out, the state of so many files is about the largest blob there may be. */
const SNAPSHOT_MAX_FILES = 250_000;

const checker = createChecker({
  prove: proveByWebCrypto,
  snapshotMaxFiles: SNAPSHOT_MAX_FILES,
  pauseEvery: Number.POSITIVE_INFINITY,
  pause: async () => {},
});

const post = (answer: Answer) => globalThis.postMessage(answer);

globalThis.addEventListener('message', (event: MessageEvent<Question>) => {
  void answerBy(checker, event.data).then(post);
});
post({ id: 0, kind: 'ready' });
