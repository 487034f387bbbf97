import type { Instance } from '../store/instances.ts';

/** Says which instance a source means by a name. */
export type InstanceResolver = (name: string, engine: string | null) => Instance | null;

/**
 * An instance is meant by its name in the mapping, by its own name, or, where only one fits, by the host in an address such as
 * `db1.example.net:9187`.
 * @param mapping names of the source and what they stand for here
 */
export function resolverOf(
  instances: readonly Instance[],
  mapping: Readonly<Record<string, string>>,
): InstanceResolver {
  return (name, engine) => {
    const wanted = mapping[name] ?? name;
    const named = instances.find((instance) => instance.name === wanted);
    if (named !== undefined || name in mapping) return named ?? null;
    const host = /^(.*):\d+$/.exec(name)?.[1] ?? name;
    const onHost = instances.filter(
      (instance) => instance.host === host && (engine === null || instance.engine === engine),
    );
    return onHost.length === 1 ? (onHost[0] ?? null) : null;
  };
}
