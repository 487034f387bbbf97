import { readFileSync } from 'node:fs';

/** The instructions of the last stage of a Dockerfile: what is in the image. Line continuations are joined. */
export function readDockerfile(path: string): Map<string, string[]> {
  return new Map(Object.entries(stagesOf(path).at(-1) ?? {}));
}

/** All stages, each with its instructions by name. */
export function stagesOf(path: string): Record<string, string[]>[] {
  const stages: Record<string, string[]>[] = [];
  for (const line of readFileSync(path, 'utf8')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')) {
    const [, name, rest] = /^([A-Z]+)\s+(.+)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    if (name === 'FROM') stages.push({});
    const stage = stages.at(-1);
    if (stage !== undefined) (stage[name] ??= []).push(rest);
  }
  return stages;
}
