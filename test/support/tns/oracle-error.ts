/** An error that the server answers with, e.g. `new OracleError(942, 'table or view does not exist')`. */
export class OracleError extends Error {
  /** The number after "ORA-". */
  readonly number: number;
  /** Where in the statement the error is: characters before it. */
  readonly position: number;

  constructor(number: number, text: string, position = 0) {
    super(`ORA-${String(number).padStart(5, '0')}: ${text}`);
    this.name = 'OracleError';
    this.number = number;
    this.position = position;
  }
}

/** What a user without a privilege gets: Oracle hides what may not be seen. */
export function tableNotVisible(position = 0): OracleError {
  return new OracleError(942, 'table or view does not exist', position);
}

/** What the right password gets on a locked account. */
export function accountLocked(): OracleError {
  return new OracleError(28000, 'The account is locked.');
}

/** What a canceled call ends with. */
export function callCanceled(): OracleError {
  return new OracleError(1013, 'user requested cancel of current operation');
}
