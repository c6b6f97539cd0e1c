// How the page of a night looks, in light and dark; the colours of charts tell apart without red and green.

extension NightPage {
    /// The style sheet; nothing is fetched from elsewhere.
    static let style: Markup = .verbatim(
        """
        :root { color-scheme: light dark; --page: #fbfaf7; --ink: #1d1d1b; --quiet: #57564f; --line: #d9d6cc;
          --card: #ffffff; --blue: #0060a8; --sky: #3d9fd6; --green: #007a5a; --orange: #b86800; --red: #b3261e;
          --purple: #8a4b86; --grey: #76756d; --track: #eceae3; }
        @media (prefers-color-scheme: dark) { :root { --page: #171716; --ink: #f0efe9; --quiet: #b4b2a8;
          --line: #3a3935; --card: #201f1d; --blue: #6db1f0; --sky: #9ed4f5; --green: #4fc7a0; --orange: #f0a94a;
          --red: #ff8a80; --purple: #d59ad1; --grey: #9c9a90; --track: #2e2d2a; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main, header, footer { max-width: 50rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.75rem; margin: 1rem 0 0.25rem; } h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
        p { margin: 0.25rem 0; } .quiet, footer { color: var(--quiet); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); gap: 0.75rem;
          list-style: none; margin: 1rem 0; padding: 0; }
        .tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.6rem; }
        .tiles b { display: block; font-size: 1.5rem; line-height: 1.2; }
        .chart p { display: flex; justify-content: space-between; gap: 1rem; margin: 0.5rem 0 0.1rem;
          font-size: 0.875rem; }
        .chart span { overflow-wrap: anywhere; } .chart .value { color: var(--quiet); white-space: nowrap; }
        .chart svg { display: block; width: 100%; height: 1.1rem; border-radius: 0.2rem; }
        .unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden;
          clip-path: inset(50%); white-space: nowrap; }
        .track { fill: var(--track); } .blue { fill: var(--blue); } .sky { fill: var(--sky); }
        .green { fill: var(--green); } .orange { fill: var(--orange); } .red { fill: var(--red); }
        .purple { fill: var(--purple); } .grey { fill: var(--grey); }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0.25rem 0; padding: 0; }
        .swatch { width: 0.75rem; height: 0.75rem; margin-right: 0.4rem; }
        .scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
        table { border-collapse: collapse; width: 100%; margin: 0.75rem 0; }
        caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
        th, td { text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); font-weight: 400;
          overflow-wrap: anywhere; }
        tbody th { min-width: 8rem; }
        thead th { color: var(--quiet); font-size: 0.875rem; overflow-wrap: normal; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        @media print { body { background: none; } .tiles li { break-inside: avoid; } }
        """)
}
