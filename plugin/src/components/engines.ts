import type { EngineName } from '../data';

const names: Readonly<Record<string, string>> = {
  postgresql: 'PostgreSQL',
  mysql: 'MySQL / MariaDB',
  sqlserver: 'SQL Server',
  oracle: 'Oracle',
};

/** As its vendor writes it; an engine that is not known here by the exporter's own name. */
export const engineName = (engine: EngineName): string => names[engine] ?? engine;
