// Entry of the page: theme, error boundary, connection, and the router.
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/demo.css'
import './styles/pages.css'
import './styles/jobs.css'
import './styles/devices.css'
import './styles/models.css'
import './styles/try.css'
import './styles/corpus.css'
import './styles/activations.css'
import './styles/sae.css'
import './styles/features.css'
import './styles/feature.css'
import './styles/feature-search.css'
import './styles/steering.css'
import './styles/steering-strengths.css'
import './styles/lab.css'
import './styles/reports.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ErrorBoundary } from './app/error-boundary.tsx'
import { router } from './app/router.tsx'
import { theme } from './theme.ts'

const root = document.getElementById('root')
if (!root) throw new Error('The page has no #root.')

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      // the same key as in public/appearance.js
      colorSchemeManager={localStorageColorSchemeManager({ key: 'monoscope-appearance' })}
    >
      <ErrorBoundary>
        <RouterProvider router={router} />
      </ErrorBoundary>
      <Notifications position="bottom-right" />
    </MantineProvider>
  </StrictMode>,
)
