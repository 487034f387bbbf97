/* eslint-disable @typescript-eslint/no-deprecated -- the schema that every Grafana the plugin runs on provisions from files; its successor is not one yet */
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type AnnotationQuery,
  type Dashboard,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { placesOf } from './layout.ts';
import { buildPanel, type PanelSpec } from './panels.ts';

/** What Grafana's files of dashboards hold. */
export type DashboardFile = Dashboard;

/** A heading with what belongs to it. */
export interface Section {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Of the set that it belongs to: dashboards of one tag link to each other. */
  readonly tag: string;
  readonly datasource: DataSourceRef;
  readonly from: string;
  readonly variables: readonly cog.Builder<VariableModel>[];
  readonly annotations: readonly cog.Builder<AnnotationQuery>[];
  /** The page of the app that goes deeper. */
  readonly page: { readonly title: string; readonly url: string };
  readonly sections: readonly Section[];
}

/** The dashboard as Grafana keeps it. */
export function buildDashboard(spec: DashboardSpec): DashboardFile {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags(['tidemark', spec.tag])
    .time({ from: spec.from, to: 'now' })
    .timezone('browser')
    .refresh('15m')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables([...spec.variables])
    .annotations([...spec.annotations])
    .links([
      new DashboardLinkBuilder('Tidemark dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags([spec.tag])
        .keepTime(true)
        .includeVars(true),
      new DashboardLinkBuilder(spec.page.title).type(DashboardLinkType.Link).url(spec.page.url).icon('external link'),
    ]);
  addSections(builder, spec);
  return builder.build();
}

function addSections(builder: DashboardBuilder, { sections, datasource }: DashboardSpec): void {
  let id = 1;
  let top = 0;
  for (const { title, panels } of sections) {
    builder.withRow(new RowBuilder(title).id(id++).gridPos({ x: 0, y: top, w: 24, h: 1 }));
    const places = placesOf(panels, top + 1);
    for (const [index, panel] of panels.entries()) {
      builder.withPanel(buildPanel(panel, id++, places[index], datasource));
    }
    top = Math.max(top + 1, ...places.map(({ y, h }) => y + h));
  }
}
