/** Something that is wrong, as data: said in the reader's language where it is shown. */
import type { Message } from '../../i18n/messages.ts';
import type { Translate } from '../../i18n/translate.ts';
import { faults } from './fault-messages.ts';

export interface Fault {
  readonly message: Message;
  /** A message among the values is said first. */
  readonly values?: Readonly<Record<string, string | number | Message>>;
}

/** A fault in words. */
export function sayFault({ message, values = {} }: Fault, text: Translate): string {
  const said = Object.entries(values).map(([key, value]) => [key, typeof value === 'object' ? text(value) : value]);
  return text(message, Object.fromEntries(said));
}

/** What kind of JSON value this is, in words. */
export function typeName(value: unknown): Message {
  if (value === null) return faults.typeNull;
  if (Array.isArray(value)) return faults.typeList;
  switch (typeof value) {
    case 'boolean':
      return faults.typeBoolean;
    case 'number':
      return faults.typeNumber;
    case 'string':
      return faults.typeText;
    default:
      return faults.typeObject;
  }
}
