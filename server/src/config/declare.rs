//! A setting's declaration, and the macro that makes typed structs and one list of them.

use super::secret::mask_url;

/// A setting, as it is documented.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The value where none is given.
    pub default: Option<&'static str>,
    /// What it is for, by lines.
    pub doc: &'static [&'static str],
    /// How much of a value may be shown.
    pub visibility: Visibility,
}

/// How much of a setting's value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// All of it.
    Plain,
    /// A host, unless somebody put credentials before it.
    Host,
    /// An address without its credentials.
    Url,
    /// That there is one.
    Secret,
}

impl Setting {
    /// The setting's key in a TOML file.
    pub fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// A value of this setting as it may be shown.
    pub fn show(&self, value: &str) -> String {
        match self.visibility {
            Visibility::Plain => value.to_owned(),
            Visibility::Host if !value.contains('@') => value.to_owned(),
            Visibility::Url => mask_url(value),
            Visibility::Host | Visibility::Secret => "set".to_owned(),
        }
    }
}

/// Declares settings in groups:
///
/// ```text
/// /// What the group is about.
/// pub ServerConfig as server {
///     /// Documentation, for `--help` and docs/configuration.md.
///     CONSOLE_ADDR addr: SocketAddr = "127.0.0.1:5000", Plain, parse::address;
/// }
/// ```
///
/// Each setting becomes a constant [`Setting`] and a field of its group. Without a default, the
/// field's type is an `Option` or another type whose default means "not set".
macro_rules! settings {
    ($(
        $(#[doc = $group_doc:literal])+
        $group_visibility:vis $group:ident as $member:ident {
            $(
                $(#[doc = $doc:literal])+
                $name:ident $field:ident: $type:ty $(= $default:expr)?, $visibility:ident, $parse:expr;
            )+
        }
    )+) => {
        $($(
            pub(super) static $name: Setting = Setting {
                name: stringify!($name),
                default: settings!(@default $($default)?),
                doc: &[$($doc),+],
                visibility: Visibility::$visibility,
            };
        )+)+

        /// Every setting, in the order of the documentation.
        pub static SETTINGS: &[&Setting] = &[$($(&$name,)+)+];

        $(
            $(#[doc = $group_doc])+
            #[derive(Clone, Debug)]
            $group_visibility struct $group {
                $($(#[doc = $doc])+ pub $field: $type,)+
            }

            impl $group {
                fn read(reader: &mut SettingsReader<'_>) -> Option<$group> {
                    // First all of them, so that every problem is found.
                    $(let $field = settings!(@read reader, $name, $type, $parse $(, $default)?);)+
                    Some($group { $($field: $field?,)+ })
                }
            }
        )+

        /// The parsed groups; `None` where a setting of a group is invalid.
        pub(super) struct Groups {
            $(pub(super) $member: Option<$group>,)+
        }

        impl Groups {
            pub(super) fn read(reader: &mut SettingsReader<'_>) -> Groups {
                Groups { $($member: $group::read(reader),)+ }
            }
        }
    };
    (@default) => { None };
    (@default $default:expr) => { Some($default) };
    (@read $reader:ident, $name:ident, $type:ty, $parse:expr) => {
        $reader.optional(&$name, |text| ($parse)(text).map(<$type>::from))
    };
    (@read $reader:ident, $name:ident, $type:ty, $parse:expr, $default:expr) => {
        $reader.required(&$name, |text| ($parse)(text).map(<$type>::from))
    };
}
pub(super) use settings;
