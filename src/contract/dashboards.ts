import { z } from 'zod'

/** `GET /api/v1/dashboards`: the dashboards there are, without their panels. */
export const dashboardListSchema = z.object({
  dashboards: z.array(
    z.object({
      uid: z.string(),
      title: z.string(),
      description: z.string(),
      tags: z.array(z.string()),
    }),
  ),
})
export type DashboardList = z.infer<typeof dashboardListSchema>
