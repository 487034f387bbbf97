/** Who is logged in, as the server stores it. */
export interface Grantee {
  readonly username: string;
  /** Logged in to the root of a CDB, which only common users can. */
  readonly inRoot: boolean;
}

/** An identifier as it has to be written in SQL: bare where that means the same, else quoted. */
export function quoteIdentifier(name: string): string {
  return /^[A-Z][A-Z0-9_$#]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The statements that give a user the right to read some views: the role, or else the views alone. */
export function grantsFor({ username, inRoot }: Grantee, views: readonly string[]): string {
  const user = quoteIdentifier(username);
  const single = views.map((view) => `GRANT SELECT ON sys.${view.replace(/^v\$/, 'v_$')} TO ${user};`).join(' ');
  return `GRANT SELECT_CATALOG_ROLE TO ${user}${inRoot ? ' CONTAINER = ALL' : ''}; or ${single}`;
}

/** The statement that lets a common user see the other containers: without it the server leaves their rows out. */
export function containerGrant({ username }: Grantee): string {
  return `ALTER USER ${quoteIdentifier(username)} SET CONTAINER_DATA = ALL CONTAINER = CURRENT;`;
}
