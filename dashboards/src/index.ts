import { buildDashboard, type DashboardFile } from './dashboard.ts';
import * as onPrometheus from './prometheus/index.ts';
import * as onTidemark from './tidemark/index.ts';

/** Every dashboard, by the path of its file below `json/`. */
export function renderAll(): Map<string, DashboardFile> {
  return new Map(
    Object.entries({
      'tidemark/fleet-storage.json': onTidemark.fleetStorage,
      'tidemark/instance-storage.json': onTidemark.instanceStorage,
      'tidemark/database-growth.json': onTidemark.databaseGrowth,
      'tidemark/collections.json': onTidemark.collections,
      'prometheus/fleet-storage.json': onPrometheus.fleetStorage,
      'prometheus/instance-storage.json': onPrometheus.instanceStorage,
      'prometheus/database-growth.json': onPrometheus.databaseGrowth,
      'prometheus/collections.json': onPrometheus.collections,
    }).map(([path, spec]) => [path, buildDashboard(spec)]),
  );
}

/** A dashboard as its file holds it. */
export function asFile(dashboard: DashboardFile): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
