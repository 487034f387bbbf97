import { t } from '@grafana/i18n';
import type { ComboboxOption } from '@grafana/ui';
import React, { useMemo } from 'react';

import type { Facets } from '../../data';
import { useFacets } from '../../data/hooks';
import { list } from '../../hooks/urlCodecs';
import { engineName } from '../engines';
import { ManyFilter } from './ManyFilter';

/** The part of the fleet that a page shows, in its URL. */
export const fleetCodecs = { engine: list(), owner: list(), label: list() };

interface Chosen {
  readonly engine: readonly string[];
  readonly owner: readonly string[];
  readonly label: readonly string[];
}

interface FleetFiltersProps {
  readonly value: Chosen;
  readonly onChange: (changes: Partial<Chosen>) => void;
}

const noFacets: Facets = { engines: [], owners: [], labels: {} };

/** Engine, owner and labels, chosen from what there is. */
export const FleetFilters = ({ value, onChange }: FleetFiltersProps) => {
  const facets = useFacets().data ?? noFacets;
  const options = useMemo(() => optionsOf(facets), [facets]);
  const kinds = {
    engine: t('filters.engine', 'Engine'),
    owner: t('filters.owner', 'Owner'),
    label: t('filters.label', 'Label'),
  } as const;
  return (
    <>
      {(['engine', 'owner', 'label'] as const).map((kind) => (
        <ManyFilter
          key={kind}
          label={kinds[kind]}
          options={options[kind]}
          value={value[kind]}
          onChange={(chosen) => onChange({ [kind]: chosen })}
        />
      ))}
    </>
  );
};

function optionsOf({ engines, owners, labels }: Facets): Record<keyof Chosen, ComboboxOption[]> {
  return {
    engine: engines.map(({ value, instances }) => ({
      value,
      label: engineName(value),
      description: t('filters.instances', '{{count}} instances', { count: instances }),
    })),
    owner: owners.flatMap(({ value }) => (value === null ? [] : [{ value }])),
    label: Object.entries(labels).flatMap(([key, values]) => values.map((value) => ({ value: `${key}=${value}` }))),
  };
}
