import { config } from 'zod'

// The page's security policy forbids making code from text, which zod would try for speed as soon as a schema is made.
// So this comes before the schemas.
config({ jitless: true })
