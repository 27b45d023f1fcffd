import { Console } from '../session/Console.tsx';

export default function Page() {
  return <Console />;
}
