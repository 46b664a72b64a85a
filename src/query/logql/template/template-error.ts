/** What goes wrong while a template runs; the line keeps its text. */
export class TemplateError extends Error {}
