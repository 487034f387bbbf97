import { AppEvents } from '@grafana/data';
import { getAppEvents } from '@grafana/runtime';
import { Alert, Portal } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { Subscription } from 'rxjs';

interface Toast {
  readonly id: number;
  readonly severity: 'success' | 'warning' | 'error';
  readonly title: string;
  readonly text: string | undefined;
}

const events = [
  ['success', AppEvents.alertSuccess],
  ['warning', AppEvents.alertWarning],
  ['error', AppEvents.alertError],
] as const;

/** Grafana's messages in the corner, which plugins publish as events. */
export const Toasts = () => {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);

  useEffect(() => {
    const subscription = new Subscription();
    const remove = (id: number) => setToasts((before) => before.filter((toast) => toast.id !== id));
    for (const [severity, event] of events) {
      subscription.add(
        getAppEvents()
          .getStream({ type: event.name } as never)
          .subscribe((message) => {
            const [title, text] = (message as unknown as { payload: [string, string?] }).payload;
            const id = performance.now();
            setToasts((before) => [...before, { id, severity, title, text }]);
            setTimeout(() => remove(id), 5000);
          }),
      );
    }
    return () => subscription.unsubscribe();
  }, []);

  return (
    <Portal>
      <div style={{ position: 'fixed', top: 64, right: 16, width: 400 }}>
        {toasts.map(({ id, severity, title, text }) => (
          <Alert key={id} severity={severity} title={title} elevated>
            {text}
          </Alert>
        ))}
      </div>
    </Portal>
  );
};
