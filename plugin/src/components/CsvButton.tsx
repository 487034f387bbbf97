import { t } from '@grafana/i18n';
import { Button } from '@grafana/ui';
import React from 'react';

import type { ApiQuery } from '../data';
import { useCsvDownload } from '../data/hooks';

interface CsvButtonProps {
  /** Of the API, below `/api/v1`. */
  readonly path: string;
  readonly query?: ApiQuery;
  readonly fileName: string;
}

/** Saves all rows of a table, in the filter that is shown. */
export const CsvButton = ({ path, query = {}, fileName }: CsvButtonProps) => {
  const { download, isDownloading, error } = useCsvDownload();
  return (
    <Button
      size="sm"
      variant={error === null ? 'secondary' : 'destructive'}
      icon={isDownloading ? 'spinner' : 'download-alt'}
      disabled={isDownloading}
      tooltip={error?.message ?? t('csv.tooltip', 'All rows in the filter that is shown, as CSV')}
      onClick={() => void download(path, query, fileName)}
    >
      {t('csv.download', 'CSV')}
    </Button>
  );
};
