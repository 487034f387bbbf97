import { useState } from 'react';

import type { ApiQuery } from '../client';
import { ApiError } from '../error';
import { useTidemark } from './context';

/**
 * Saves a table as CSV: all of its rows, in the filter and order given.
 * @returns a function that downloads `path` as `fileName`, whether it runs, and why the last one failed
 */
export function useCsvDownload() {
  const { client } = useTidemark();
  const [isDownloading, setDownloading] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  const download = async (path: string, query: ApiQuery, fileName: string) => {
    setDownloading(true);
    setError(null);
    try {
      saveAs(await client.csv(path, query), fileName);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setDownloading(false);
    }
  };

  return { download, isDownloading, error };
}

function saveAs(text: string, fileName: string) {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(address);
}
