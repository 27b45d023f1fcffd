import { cookies, headers } from 'next/headers';
import { Console } from '../../session/Console.tsx';
import { lookCookies } from '../../theme/look.ts';

/** Every address is the workbench's: which editor one shows, the workbench itself knows. */
export default async function Page() {
  const chosen = (await cookies()).get(lookCookies.language)?.value;
  const accepted = (await headers()).get('accept-language') ?? '';
  const languages = [chosen, ...accepted.split(',').map((part) => part.split(';')[0]?.trim())];
  return <Console languages={languages.filter((language) => language !== undefined)} />;
}
