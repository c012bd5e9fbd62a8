//! The icon set: 24 by 24, strokes of 2 pixels, in the colour of the adjacent text.

use leptos::prelude::*;

/// The available icons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Alert,
    Arrow,
    Back,
    Ban,
    Check,
    Chevron,
    Clock,
    Close,
    #[cfg(feature = "ssr")]
    Copy,
    #[cfg(feature = "ssr")]
    Dash,
    Cross,
    Door,
    External,
    Inbox,
    Info,
    Keyboard,
    Link,
    Lock,
    Menu,
    Moon,
    #[cfg(feature = "ssr")]
    Open,
    Pencil,
    Person,
    Plus,
    Retry,
    Search,
    Send,
    #[cfg(feature = "ssr")]
    Settings,
    Shield,
    Stop,
    Sun,
    System,
    Tool,
    Trend,
}

impl Glyph {
    /// The strokes, as an SVG path.
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 4 2.8 20h18.4L12 4Zm0 6v4m0 3v.01",
            Self::Arrow => "M5 12h14m-6-6 6 6-6 6",
            Self::Back => "M19 12H5m6-6-6 6 6 6",
            Self::Ban => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM5.6 5.6l12.8 12.8",
            Self::Check => "m5 12.5 4.5 4.5L19 7",
            Self::Chevron => "m9 6 6 6-6 6",
            Self::Clock => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4v5l3.5 2",
            Self::Close => "M6 6l12 12M18 6 6 18",
            #[cfg(feature = "ssr")]
            Self::Copy => "M9 9h11v11H9V9Zm-4 6H4V4h11v1",
            Self::Cross => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM9 9l6 6m0-6-6 6",
            #[cfg(feature = "ssr")]
            Self::Dash => "M6 12h12",
            Self::Door => "M14 4h5v16h-5M4 12h11m-4-4 4 4-4 4",
            Self::External => "M8 16 18 6m-8 0h8v8",
            Self::Inbox => "M4 13 6.5 5h11L20 13v6H4v-6Zm0 0h5l1 2.5h4l1-2.5h5",
            Self::Info => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 8v5m0-8v.01",
            Self::Keyboard => "M3 7h18v10H3V7Zm4 3.5v.01m3.3-.01v.01m3.4-.01v.01m3.3-.01v.01M8 14h8",
            Self::Link => {
                "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7L12 7m2 3a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7L12 17"
            }
            Self::Lock => "M6 11h12v9H6v-9Zm2.5 0V8a3.5 3.5 0 0 1 7 0v3",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Moon => "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z",
            #[cfg(feature = "ssr")]
            Self::Open => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z",
            Self::Pencil => "M4 20h4L19 9l-4-4L4 16v4ZM13 7l4 4",
            Self::Person => "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20a7.5 7.5 0 0 1 15 0",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Retry => "M19 12a7 7 0 1 1-2.2-5.1M19 4v4.5h-4.5",
            Self::Search => "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.5 4 4",
            Self::Send => "M12 19V5m-6 6 6-6 6 6",
            #[cfg(feature = "ssr")]
            Self::Settings => "M4 7h9m5 0h2M4 17h2m5 0h9M13 4.5h5v5h-5v-5ZM6 14.5h5v5H6v-5Z",
            Self::Shield => "M12 3 5 6v5.5c0 4.3 3 7.7 7 9.5 4-1.8 7-5.2 7-9.5V6l-7-3Zm-3 8.8 2.2 2.2L15.2 10",
            Self::Stop => "M7 7h10v10H7V7Z",
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-6v2m0 16v2M2 12h2m16 0h2M4.9 4.9l1.4 1.4m11.4 11.4 1.4 1.4M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4"
            }
            Self::System => "M4 5h16v11H4V5Zm8 11v4m-4 0h8",
            Self::Tool => {
                "M14.5 6.5a4 4 0 0 1 5-1.3L16.8 8l1.2 1.2 2.8-2.7a4 4 0 0 1-5.5 5L8.5 18.3a1.9 1.9 0 0 1-2.8-2.8l6.8-6.8a4 4 0 0 1 2-2.2Z"
            }
            Self::Trend => "M4 17l5.5-5.5 4 3L20 7m-5 0h5v5",
        }
    }
}

/// An icon next to words, hidden from screen readers. An icon alone needs a label on its control.
pub fn icon(glyph: Glyph) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
            <path d=glyph.path()></path>
        </svg>
    }
    .into_any()
}
