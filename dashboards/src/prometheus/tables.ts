/** The columns of a table of an instant query, in this order and by these names; all others are left out. */
export function columnsOf(columns: Readonly<Record<string, string>>): {
  readonly transformations: readonly { readonly id: string; readonly options: object }[];
} {
  const names = Object.keys(columns);
  return {
    transformations: [
      { id: 'filterFieldsByName', options: { include: { names } } },
      {
        id: 'organize',
        options: {
          indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
          renameByName: columns,
        },
      },
    ],
  };
}
