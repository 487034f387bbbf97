import { t } from '@grafana/i18n';
import { Badge, InlineField, InlineSwitch, Stack, type Column } from '@grafana/ui';
import React, { useCallback, useId, useMemo } from 'react';

import { CsvButton } from '../../components/CsvButton';
import {
  bytesColumn,
  changeColumn,
  column,
  DataTable,
  figureColumn,
  NameLink,
  rateColumn,
  sparklineColumn,
} from '../../components/DataTable';
import { DaysPicker, daysCodec, SearchInput } from '../../components/Filters';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import type { DatabaseRow, DatabasesQuery } from '../../data';
import { useInstanceDatabases } from '../../data/hooks';
import { formatShare } from '../../format';
import { flag, text, wholeNumber } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';
import { links } from '../../links';

const codecs = { search: text(), gone: flag(), days: daysCodec, sort: text('-size_bytes'), offset: wholeNumber(0) };
const limit = 50;

/** The databases of an instance as they were last measured. */
export const DatabasesTable = ({ instanceId }: { readonly instanceId: number }) => {
  const [{ search, gone, days, sort, offset }, change] = useUrlState(codecs);
  const filter: DatabasesQuery = {
    include_gone: gone,
    growth_days: days,
    sort: sort as NonNullable<DatabasesQuery['sort']>,
    ...(search === '' ? {} : { search }),
  };
  const query = useInstanceDatabases(instanceId, { ...filter, sparkline_days: 30, limit, offset });
  const goneId = useId();
  const columns = useMemo(databaseColumns, []);
  const onSearch = useCallback((value: string) => change({ search: value, offset: 0 }), [change]);
  const onSort = useCallback((value: string) => change({ sort: value, offset: 0 }), [change]);
  return (
    <Section
      title={t('databases.title', 'Databases')}
      actions={
        <>
          <SearchInput value={search} placeholder={t('databases.search', 'Search databases')} onChange={onSearch} />
          <InlineField label={t('databases.gone', 'With those that are gone')} htmlFor={goneId} transparent>
            <InlineSwitch
              id={goneId}
              transparent
              value={gone}
              onChange={({ currentTarget }) => change({ gone: currentTarget.checked, offset: 0 })}
            />
          </InlineField>
          <DaysPicker value={days} onChange={(value) => change({ days: value })} />
          <CsvButton
            path={`/instances/${instanceId}/databases`}
            query={{ ...filter }}
            fileName={`tidemark-databases-${instanceId}.csv`}
          />
        </>
      }
    >
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={<Empty message={t('databases.empty', 'No databases in this filter')} />}
      >
        {({ data, page }) => (
          <DataTable
            columns={columns}
            rows={data}
            rowId={(row) => row.database_name}
            sort={sort}
            onSort={onSort}
            paging={{ ...page, onOffset: (value) => change({ offset: value }) }}
          />
        )}
      </QueryStates>
    </Section>
  );
};

function databaseColumns(): Column<DatabaseRow>[] {
  return [
    column({ id: 'database_name', header: t('column.database', 'Database'), sortable: true }, (row) => (
      <Stack gap={1} alignItems="center">
        <NameLink href={links.database(row.instance_id, row.database_name)}>{row.database_name}</NameLink>
        {row.gone_since !== null && (
          <Badge color="darkgrey" text={t('databases.gone-since', 'Gone since {{day}}', { day: row.gone_since })} />
        )}
        {row.method === 'estimate' && (
          <Badge
            color="orange"
            text={t('databases.estimate', 'Estimate')}
            tooltip={t('databases.estimate-hint', 'From statistics: the login may not read the files.')}
          />
        )}
      </Stack>
    )),
    bytesColumn({ id: 'size_bytes', header: t('column.size', 'Size'), sortable: true }, (row) => row.size_bytes),
    bytesColumn({ id: 'data_bytes', header: t('column.data', 'Data'), sortable: true }, (row) => row.data_bytes),
    bytesColumn({ id: 'log_bytes', header: t('column.log', 'Log'), sortable: true }, (row) => row.log_bytes),
    bytesColumn({ id: 'index_bytes', header: t('column.index', 'Index') }, (row) => row.index_bytes),
    changeColumn(
      { id: 'change_bytes', header: t('column.growth', 'Growth'), sortable: true },
      (row) => row.growth?.change_bytes,
    ),
    rateColumn({ id: 'growth_rate', header: '%', sortable: true }, (row) => row.growth?.growth_rate),
    figureColumn({ id: 'share', header: t('column.share', 'Share') }, (row) => formatShare(row.share)),
    sparklineColumn(
      (row) => row.database_name,
      (row) => row.sparkline,
    ),
  ];
}
