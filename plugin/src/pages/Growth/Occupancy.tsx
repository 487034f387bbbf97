import { t } from '@grafana/i18n';
import { locationService } from '@grafana/runtime';
import React, { useMemo } from 'react';

import { ChoiceButtons } from '../../components/ChoiceButtons';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import { foldSmall, Treemap } from '../../components/Treemap';
import type { FleetFilters } from '../../data';
import { useDatabases } from '../../data/hooks';
import { formatBytes } from '../../format';
import { oneOf } from '../../hooks/urlCodecs';
import { useElementWidth } from '../../hooks/useElementWidth';
import { useUrlState } from '../../hooks/useUrlState';
import { occupancyTree } from './tree';

interface OccupancyProps {
  readonly filters: FleetFilters;
  readonly days: number;
}

const height = 420;
const groupings = ['engine', 'owner', 'instance'] as const;
const codecs = { area: oneOf(groupings, 'engine') };

/** Who occupies the space: an area is a size. The thousand largest databases, the small ones of a group added up. */
export const Occupancy = ({ filters, days }: OccupancyProps) => {
  const [{ area }, change] = useUrlState(codecs);
  const [container, width] = useElementWidth<HTMLDivElement>();
  const query = useDatabases({ ...filters, growth_days: days, sort: '-size_bytes', limit: 1000 });
  const rows = query.data?.data;
  const root = useMemo(
    () =>
      foldSmall(occupancyTree(rows ?? [], area), 300, (count) =>
        t('occupancy.rest', '{{count}} more databases', { count }),
      ),
    [rows, area],
  );
  return (
    <Section
      title={t('occupancy.title', 'Who occupies the space')}
      actions={
        <ChoiceButtons<(typeof groupings)[number]>
          size="sm"
          aria-label={t('occupancy.group', 'Areas by')}
          value={area}
          onChange={(value) => change({ area: value })}
          options={[
            { value: 'engine', label: t('group.engine', 'Engine') },
            { value: 'owner', label: t('group.owner', 'Owner') },
            { value: 'instance', label: t('group.instance', 'Instance') },
          ]}
        />
      }
    >
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={<Empty message={t('databases.empty', 'No databases in this filter')} />}
      >
        {() => (
          <div ref={container}>
            <Treemap
              root={root}
              width={width}
              height={height}
              label={t('occupancy.title', 'Who occupies the space')}
              allLabel={t('occupancy.all', 'All')}
              formatValue={(value) => formatBytes(value)}
              onFollow={(href) => locationService.push(href)}
            />
          </div>
        )}
      </QueryStates>
    </Section>
  );
};
