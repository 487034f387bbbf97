/** A server's version, such as `16.0.4165` (SQL Server 2022). */
export type ServerVersion = `${number}.${number}.${number}`;

/** Major, minor and build (big-endian), as PRELOGIN and LOGINACK carry them. */
export function versionBytes(version: ServerVersion): Buffer {
  const [major = 0, minor = 0, build = 0] = version.split('.').map(Number);
  return Buffer.from([major, minor, build >> 8, build & 0xff]);
}
