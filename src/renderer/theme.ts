// The look of the app: calm, dense, tabular numbers; one accent, used sparingly.
import { createTheme, type MantineThemeOverride } from '@mantine/core'

export const theme: MantineThemeOverride = createTheme({
  // greys of the dark theme, a little blue; 7 is what pages stand on, 6 what inputs are
  colors: {
    dark: [
      '#e7e9ec',
      '#c3c8ce',
      '#a3aab2',
      '#7f868e',
      '#3a3f46',
      '#2c3036',
      '#23272c',
      '#1c1f23',
      '#17191c',
      '#111316',
    ],
  },
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  fontFamily: 'Inter, system-ui, "Segoe UI", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", ui-monospace, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '11.5px', sm: '12.5px', md: '13px', lg: '15px', xl: '18px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  headings: {
    sizes: { h1: { fontSize: '18px', fontWeight: '650' }, h2: { fontSize: '13px', fontWeight: '600' } },
  },
  components: {
    InputWrapper: { styles: { description: { fontSize: '12px' } } },
    Button: { defaultProps: { size: 'xs', variant: 'default' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Autocomplete: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    Modal: { defaultProps: { centered: true, closeButtonProps: { 'aria-label': 'Close' } } },
  },
})
