/** What may be stored and sent: JSON, and nothing that JSON or Postgres would change. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }
