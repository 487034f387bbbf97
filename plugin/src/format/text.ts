/**
 * Values for a text, as they are. i18next would escape them for HTML, and React does that itself: `a & b` would read
 * `a &amp; b`.
 */
export const plain = <Values extends object>(values: Values) => ({ ...values, interpolation: { escapeValue: false } });
