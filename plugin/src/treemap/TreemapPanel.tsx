import type { PanelProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { locationService } from '@grafana/runtime';
import React, { useEffect, useMemo, useState } from 'react';

import { foldSmall, Treemap } from '../components/Treemap';
import { initTranslations } from './translations';
import { treeOf } from './tree';
import type { TreemapOptions } from './types';

/** The treemap in a dashboard. */
export const TreemapPanel = ({ data, options, width, height, title }: PanelProps<TreemapOptions>) => {
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    let isMounted = true;
    void initTranslations().then(() => isMounted && setReady(true));
    return () => {
      isMounted = false;
    };
  }, []);
  const tree = useMemo(() => treeOf(data.series, options), [data.series, options]);
  const root = useMemo(
    () =>
      tree &&
      isReady &&
      foldSmall(tree.root, options.maximumTiles, (count) => t('treemap.others', 'Others ({{count}})', { count })),
    [tree, isReady, options.maximumTiles],
  );

  if (!isReady) return null;
  if (tree === null || !root || root.children?.length === 0) {
    return (
      <p>
        {t(
          'treemap.no-data',
          'No sizes to show. The panel needs a table with a column of text and one of numbers, as the query "Databases, latest" gives.',
        )}
      </p>
    );
  }
  return (
    <Treemap
      root={root}
      width={width}
      height={height}
      label={title === '' ? t('treemap.label', 'Treemap of sizes') : title}
      allLabel={t('treemap.all', 'All')}
      formatValue={tree.formatValue}
      onFollow={(href) => (href.startsWith('/') ? locationService.push(href) : window.open(href, '_self'))}
    />
  );
};
