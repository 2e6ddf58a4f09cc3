/**
 * The order of ids wherever one is compared with another, as a cursor does. Databases have orders of their own:
 * PostgreSQL sorts as people of its locale do, so ORDER BY on text and `<` here disagree.
 */
export const byId = ({ id: a }: { readonly id: string }, { id: b }: { readonly id: string }): number =>
  a < b ? -1 : a > b ? 1 : 0;
