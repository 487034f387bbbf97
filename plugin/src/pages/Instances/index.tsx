import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Button, Combobox } from '@grafana/ui';
import React, { useCallback, useState } from 'react';

import { CsvButton } from '../../components/CsvButton';
import { DaysPicker, daysCodec, fleetCodecs, FleetFilters, SearchInput } from '../../components/Filters';
import { Column, Toolbar } from '../../components/Layout';
import { QueryStates } from '../../components/QueryStates';
import { Empty } from '../../components/States';
import { statusText } from '../../components/StatusBadge';
import type { Instance, InstancesQuery, RecordStatus } from '../../data';
import { useInstances, usePermissions } from '../../data/hooks';
import { oneOf, text, wholeNumber } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';
import { InstanceDrawer } from './InstanceDrawer';
import { InstancesTable } from './InstancesTable';
import { RemoveInstance } from './RemoveInstance';

const statuses = ['succeeded', 'partial', 'failed', 'never'] as const;
const codecs = {
  ...fleetCodecs,
  search: text(),
  status: oneOf(['', ...statuses] as const, ''),
  days: daysCodec,
  sort: text('-total_size_bytes'),
  offset: wholeNumber(0),
};
const limit = 50;

/** Every server that is measured: how large, how it grows, whether the last collection worked, whose it is. */
const Instances = () => {
  const [{ search, status, days, sort, offset, ...filters }, change] = useUrlState(codecs);
  const { canAdminister } = usePermissions();
  const [edited, setEdited] = useState<Instance | 'new' | null>(null);
  const [removed, setRemoved] = useState<Instance | null>(null);
  const filter: InstancesQuery = {
    ...filters,
    growth_days: days,
    sort: sort as NonNullable<InstancesQuery['sort']>,
    ...(search === '' ? {} : { search }),
    ...(status === '' ? {} : { status: status as RecordStatus | 'never' }),
  };
  const query = useInstances({ ...filter, sparkline_days: 30, limit, offset });
  const onSearch = useCallback((value: string) => change({ search: value, offset: 0 }), [change]);
  const onSort = useCallback((value: string) => change({ sort: value, offset: 0 }), [change]);
  return (
    <PluginPage
      actions={
        canAdminister && (
          <Button icon="plus" onClick={() => setEdited('new')}>
            {t('instances.add', 'Add instance')}
          </Button>
        )
      }
    >
      <Column>
        <Toolbar>
          <SearchInput value={search} placeholder={t('instances.search', 'Search instances')} onChange={onSearch} />
          <FleetFilters value={filters} onChange={(changes) => change({ ...changes, offset: 0 })} />
          <Combobox
            width={24}
            isClearable
            aria-label={t('instances.status', 'Last collection')}
            placeholder={t('instances.status', 'Last collection')}
            value={status === '' ? null : status}
            options={statuses.map((value) => ({ value, label: statusText(value) }))}
            onChange={(option) => change({ status: option?.value ?? '', offset: 0 })}
          />
          <DaysPicker value={days} onChange={(value) => change({ days: value })} />
          <CsvButton path="/instances" query={{ ...filter }} fileName="tidemark-instances.csv" />
        </Toolbar>
        <QueryStates
          query={query}
          isEmpty={({ data }) => data.length === 0}
          empty={
            <Empty message={t('instances.empty', 'No instances in this filter')}>
              {t('instances.empty-hint', 'Clear the filter, or add an instance here or in tidemark.yaml.')}
            </Empty>
          }
        >
          {({ data, page }) => (
            <InstancesTable
              rows={data}
              sort={sort}
              onSort={onSort}
              paging={{ ...page, onOffset: (value) => change({ offset: value }) }}
              onEdit={canAdminister ? setEdited : null}
              onRemove={canAdminister ? setRemoved : null}
            />
          )}
        </QueryStates>
      </Column>
      {edited !== null && (
        <InstanceDrawer instance={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
      {removed !== null && <RemoveInstance instance={removed} onClose={() => setRemoved(null)} />}
    </PluginPage>
  );
};

export default Instances;
