/** Why a folder is blocked, in words and with what helps. The agent reports a code; a code this page does not know is shown as it is. */
import type { Message } from '../../i18n/messages.ts';
import { defineMessages } from '../../i18n/messages.ts';
import type { Translate } from '../../i18n/translate.ts';

const texts = defineMessages(
  'fleet.reason',
  {
    none: 'no reason reported',
    diskFull: 'the disk is full',
    diskFullFix: 'Free space on the PC; the folder goes on by itself.',
    diskFailed: 'the disk refuses an operation',
    diskFailedFix: 'Look at the PC’s disk and at the rights on Harp’s folder.',
    originUnreachable: 'Nextcloud does not answer',
    originUnreachableFix: 'Look at the office’s line and at Nextcloud; the folder goes on by itself.',
    originUnauthorised: 'Nextcloud refuses the office’s share',
    originUnauthorisedFix: 'Look at the folder’s share in Nextcloud; Harp makes a new one when it is gone.',
    originForbidden: 'Nextcloud does not permit this',
    originForbiddenFix: 'Look at the rights of the folder’s share in Nextcloud.',
    originThrottled: 'Nextcloud blocks this network for too many failures',
    originThrottledFix: 'Wait, or lift the brute-force protection for the office’s address.',
    originMaintenance: 'Nextcloud is in maintenance mode',
    originMaintenanceFix: 'Wait until the maintenance is over.',
    originNotFound: 'Nextcloud does not have a file of this folder',
    originNotFoundFix: 'Wait for the next indexing run, or start one.',
    signature: 'the signature of the folder’s chain is not the pinned key’s',
    signatureFix: 'Treat it as an attack until it is explained: check the chain in the folder’s editor.',
    fork: 'two signed heads of the folder contradict each other',
    forkFix: 'Treat it as an attack until it is explained: check the chain in the folder’s editor.',
    rollback: 'the folder’s head is older than one already followed',
    rollbackFix: 'Was the server restored from a backup? Check the chain in the folder’s editor.',
    link: 'the folder’s chain does not lead to the signed head',
    linkFix: 'Check the chain in the folder’s editor.',
  },
  {
    none: 'kein Grund gemeldet',
    diskFull: 'der Datenträger ist voll',
    diskFullFix: 'Auf dem PC Platz schaffen; der Ordner läuft von selbst weiter.',
    diskFailed: 'der Datenträger verweigert einen Vorgang',
    diskFailedFix: 'Datenträger des PCs und Rechte auf den Harp-Ordner prüfen.',
    originUnreachable: 'Nextcloud antwortet nicht',
    originUnreachableFix: 'Leitung des Standorts und Nextcloud prüfen; der Ordner läuft von selbst weiter.',
    originUnauthorised: 'Nextcloud lehnt die Freigabe des Standorts ab',
    originUnauthorisedFix: 'Freigabe des Ordners in Nextcloud prüfen; fehlt sie, legt Harp eine neue an.',
    originForbidden: 'Nextcloud erlaubt das nicht',
    originForbiddenFix: 'Rechte der Freigabe in Nextcloud prüfen.',
    originThrottled: 'Nextcloud sperrt dieses Netz wegen zu vieler Fehlversuche',
    originThrottledFix: 'Warten oder den Brute-Force-Schutz für die Adresse des Standorts aufheben.',
    originMaintenance: 'Nextcloud ist im Wartungsmodus',
    originMaintenanceFix: 'Das Ende der Wartung abwarten.',
    originNotFound: 'Nextcloud hat eine Datei dieses Ordners nicht',
    originNotFoundFix: 'Den nächsten Indexlauf abwarten oder einen starten.',
    signature: 'die Signatur der Kette stammt nicht vom hinterlegten Schlüssel',
    signatureFix: 'Bis zur Klärung als Angriff behandeln: die Kette im Editor des Ordners prüfen.',
    fork: 'zwei signierte Kettenköpfe widersprechen sich',
    forkFix: 'Bis zur Klärung als Angriff behandeln: die Kette im Editor des Ordners prüfen.',
    rollback: 'der Kettenkopf ist älter als ein bereits befolgter',
    rollbackFix: 'Wurde der Server aus einer Sicherung wiederhergestellt? Die Kette im Editor des Ordners prüfen.',
    link: 'die Kette führt nicht zum signierten Kopf',
    linkFix: 'Die Kette im Editor des Ordners prüfen.',
  },
);

const known: Readonly<Record<string, readonly [what: Message, fix: Message]>> = {
  'disk.full': [texts.diskFull, texts.diskFullFix],
  'disk.failed': [texts.diskFailed, texts.diskFailedFix],
  'origin.unreachable': [texts.originUnreachable, texts.originUnreachableFix],
  'origin.unauthorised': [texts.originUnauthorised, texts.originUnauthorisedFix],
  'origin.forbidden': [texts.originForbidden, texts.originForbiddenFix],
  'origin.throttled': [texts.originThrottled, texts.originThrottledFix],
  'origin.maintenance': [texts.originMaintenance, texts.originMaintenanceFix],
  'origin.not_found': [texts.originNotFound, texts.originNotFoundFix],
  'chain.signature_invalid': [texts.signature, texts.signatureFix],
  'chain.fork': [texts.fork, texts.forkFix],
  'chain.rollback': [texts.rollback, texts.rollbackFix],
  'chain.link_mismatch': [texts.link, texts.linkFix],
};

/** A reason in words, to stand in a sentence. */
export function reasonWords(code: string | null, text: Translate): string {
  if (code === null || code === '') return text(texts.none);
  const [what] = Object.hasOwn(known, code) ? known[code]! : [];
  return what === undefined ? code.slice(0, 100) : text(what);
}

/** What helps against it; undefined for a code this page does not know. */
export function reasonFix(code: string | null, text: Translate): string | undefined {
  const [, fix] = code !== null && Object.hasOwn(known, code) ? known[code]! : [];
  return fix === undefined ? undefined : text(fix);
}
