/** Reads an ACL file the way mosquitto.conf(5) says, written from that page and not from what writes the file. Knows `user`, `topic`, `pattern`, `%u`. */

/** Whether the file lets `user` send to (`write`) or be sent (`read`) `topic`. */
export function aclAllows(file: string, user: string, access: 'read' | 'write', topic: string): boolean {
  let current: string | undefined;
  let isAllowed = false;
  for (const line of file.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [word = '', ...rest] = line.split(' ');
    if (word === 'user') current = rest.join(' ');
    else if (word !== 'topic' && word !== 'pattern') throw new Error(`what does ${word} mean?`);
    if (word === 'user' || (word === 'topic' && current !== user)) continue;
    const [right, ...filter] = rest;
    const asked = word === 'pattern' ? filter.join(' ').replaceAll('%u', user) : filter.join(' ');
    if (!matches(asked, topic)) continue;
    // Denials count before everything else, wherever they stand.
    if (right === 'deny') return false;
    if (right === access || right === 'readwrite') isAllowed = true;
  }
  return isAllowed;
}

/** MQTT 3.1.1, section 4.7. A topic to send to or to be sent holds no wildcard. */
function matches(filter: string, topic: string): boolean {
  if (topic === '' || /[+#]/.test(topic) || (topic.startsWith('$') && !filter.startsWith('$'))) return false;
  const wanted = filter.split('/');
  const given = topic.split('/');
  if (wanted.at(-1) === '#') {
    wanted.pop();
    given.length = Math.min(given.length, wanted.length);
  }
  return wanted.length === given.length && wanted.every((level, index) => level === '+' || level === given[index]);
}
