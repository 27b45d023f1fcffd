import { Console } from '../../session/Console.tsx';

/** Every address is the workbench's: which editor one shows, the workbench itself knows. */
export default function Page() {
  return <Console />;
}
