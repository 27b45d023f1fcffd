import { defineMessages } from '../../i18n/messages.ts';

/** What is said of PCs that have the hardware of one that is enrolled. */
export const twinText = defineMessages(
  'enrolment.twins',
  {
    duplicate: 'Same hardware as {name}: approved, it takes its place',
    duplicateOnline: 'Same hardware as {name}, which is connected',
    byHardware: 'where the PC with its hardware is',
    skippedTwins:
      '{count, plural, one {# PC has} other {# PCs have}} the hardware of a PC in an office that is not yours.',
    whyDuplicate: 'a person must decide whether it takes the place of a PC that is enrolled',
  },
  {
    duplicate: 'Gleiche Hardware wie {name}: zugelassen nimmt er dessen Platz ein',
    duplicateOnline: 'Gleiche Hardware wie {name}, der verbunden ist',
    byHardware: 'wo der PC mit seiner Hardware ist',
    skippedTwins:
      '{count, plural, one {# PC hat} other {# PCs haben}} die Hardware eines PCs an einem Standort, der nicht Ihrer ist.',
    whyDuplicate: 'ein Mensch muss entscheiden, ob er den Platz eines aufgenommenen PCs einnimmt',
  },
);
