import { t } from '@grafana/i18n';
import { LinkButton, Stack, TextLink } from '@grafana/ui';
import React from 'react';

import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import { scopeText } from '../../components/runTexts';
import { StatusBadge } from '../../components/StatusBadge';
import type { FleetFilters, Session } from '../../data';
import { useFacets, useSessions } from '../../data/hooks';
import { formatAgo, formatCount } from '../../format';
import { links } from '../../links';
import { Troubled } from './Troubled';

/** How many runs are looked through for one over the whole fleet: after a night, people measure single instances. */
const lookedThrough = 50;

/** What became of the last run over the whole fleet, or else of the last one, and every instance that could not be measured when it was last tried. */
export const LastNight = ({ filters }: { readonly filters: FleetFilters }) => {
  const query = useSessions({ limit: lookedThrough });
  const fleetSize = (useFacets().data?.engines ?? []).reduce((sum, { instances }) => sum + instances, 0);
  return (
    <Section
      title={t('overview.last-run', 'Last collection')}
      actions={
        <LinkButton size="sm" variant="secondary" fill="text" href={links.collections()}>
          {t('overview.all-runs', 'All collections')}
        </LinkButton>
      }
    >
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={<Empty message={t('collections.none', 'No collection has run yet')} />}
      >
        {({ data }) => {
          const session = lastOfFleet(data, fleetSize);
          return (
            session !== undefined && (
              <Stack direction="column" gap={1}>
                <Outcome session={session} />
                <Troubled filters={filters} />
              </Stack>
            )
          );
        }}
      </QueryStates>
    </Section>
  );
};

/**
 * The newest run over the whole fleet; where all of those left most of it out, as a start of the exporter may, the newest
 * of them; and where people have measured parts only, the newest run.
 */
function lastOfFleet(sessions: readonly Session[], fleetSize: number): Session | undefined {
  const whole = sessions.filter(({ scope }) => Object.values(scope).every((value) => value === undefined));
  return whole.find(({ instances }) => 2 * instances.total >= fleetSize) ?? whole[0] ?? sessions[0];
}

const Outcome = ({ session }: { readonly session: Session }) => {
  const { failed, partial, succeeded } = session.instances;
  return (
    <Stack alignItems="center" gap={1} wrap="wrap">
      <StatusBadge status={session.status} />
      <TextLink href={links.collection(session.id)}>{formatAgo(session.finished_at ?? session.started_at)}</TextLink>
      <span>{scopeText(session)}</span>
      <span>
        {t('overview.outcome', 'Instances: {{succeeded}} measured, {{partial}} in part, {{failed}} failed', {
          succeeded: formatCount(succeeded),
          partial: formatCount(partial),
          failed: formatCount(failed),
        })}
      </span>
    </Stack>
  );
};
