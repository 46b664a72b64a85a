/** The index is asked for granules only: what it says of single rows costs more than it spares. */
export const SEARCH_SETTINGS = { query_plan_text_index_add_hint: 0 }
