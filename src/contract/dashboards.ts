import { z } from 'zod'

/** Who may see and change a dashboard that is kept in the hub, and which version it has. */
const keptDashboardSchema = z.object({
  /** Rises by one with every change; who saves says which one was seen. */
  version: z.number().int().positive(),
  updatedAtMs: z.number(),
  /** The team that saved it last. */
  team: z.string(),
  /** Its tenants, or all of the fleet. */
  tenants: z.union([z.literal('all'), z.array(z.string())]),
  /** Whether the caller may change and remove it. */
  mayEdit: z.boolean(),
})
export type KeptDashboard = z.infer<typeof keptDashboardSchema>

/** `GET /api/v1/dashboards`: the dashboards there are, without their panels. */
export const dashboardListSchema = z.object({
  dashboards: z.array(
    z.object({
      uid: z.string(),
      title: z.string(),
      description: z.string(),
      tags: z.array(z.string()),
      /** Absent for those that come with Fleetglass, which nobody changes. */
      kept: keptDashboardSchema.optional(),
    }),
  ),
  /** Whether the caller may keep dashboards here. */
  mayKeep: z.boolean(),
})
export type DashboardList = z.infer<typeof dashboardListSchema>

/** `PUT /api/v1/dashboards/<uid>`: a dashboard in Grafana's JSON, and the version that it changes; none for a new one. */
export const dashboardChangeSchema = z.object({
  dashboard: z.looseObject({ title: z.string().min(1).max(500) }),
  version: z.number().int().positive().optional(),
})
export type DashboardChange = z.infer<typeof dashboardChangeSchema>

/** What saving answers: under which uid and version it is kept now. */
export const dashboardSavedSchema = z.object({ uid: z.string(), version: z.number().int().positive() })
export type DashboardSaved = z.infer<typeof dashboardSavedSchema>

/** Letters, digits, `-` and `_`: what Grafana takes. */
export const DASHBOARD_UID = /^[A-Za-z0-9_-]{1,64}$/
