import { TidemarkError } from '../../errors.ts';
import type { Target } from '../engine.ts';

/** What ends a value of a connect descriptor, quotes or escapes it, or begins a comment. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const special = /[()=\\"'#,\s\u0000-\u001f]/;

/**
 * The connect descriptor of a target, whole, so that no tnsnames.ora and no Easy Connect rule comes in between. The database
 * is a service name; `sid:NAME` asks for a SID, which some old servers have and no service.
 * @param more parameters of the description, such as timeouts
 * @throws TidemarkError `configuration_invalid` where a name would change the meaning of the descriptor
 */
export function connectDescriptor(target: Target, protocol: 'tcp' | 'tcps', more = ''): string {
  const identifier = target.database.startsWith('sid:') ? target.database.slice('sid:'.length) : null;
  const host = plain(target.host, 'host');
  const database =
    identifier === null
      ? `(SERVICE_NAME=${plain(target.database, 'database')})`
      : `(SID=${plain(identifier, 'database')})`;
  const address = `(ADDRESS=(PROTOCOL=${protocol})(HOST=${host})(PORT=${target.port}))`;
  return `(DESCRIPTION=${more}${address}(CONNECT_DATA=${database}))`;
}

function plain(value: string, what: string): string {
  if (value !== '' && !special.test(value)) return value;
  const problem = value === '' ? 'is empty' : 'holds a space or one of ( ) = , # \\ and quotes';
  throw new TidemarkError(
    'configuration_invalid',
    `${what} ${JSON.stringify(value)} ${problem}: expected a plain name`,
  );
}
