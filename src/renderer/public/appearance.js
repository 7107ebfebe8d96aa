// Sets light or dark before the first paint, so that nothing flashes; the app keeps the choice up to date.
;(() => {
  let choice = null
  try {
    choice = localStorage.getItem('monoscope-appearance')
  } catch {
    // storage may be switched off: the system's choice is used
  }
  const dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
