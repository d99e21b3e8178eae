//! Enums in rows and statements: stored as words, read back, and written as literals.

use bk_kernel::StringEnum;
use sea_orm::sea_query::{Expr, PostgresQueryBuilder, Query};

use crate::DbError;

/// The failure of a stored row that the program cannot read: `corrupt_row("order")`. It names the
/// kind of row only; a row's values go into no error.
#[must_use]
pub fn corrupt_row(what: &str) -> DbError {
    DbError::other(["a stored ", what, " cannot be read"].concat())
}

/// Reads an enum from its stored word. Fails with [`corrupt_row`] of `what` when there is no such
/// word.
pub fn from_word<T: StringEnum>(word: &str, what: &str) -> Result<T, DbError> {
    T::ALL.iter().copied().find(|known| known.word() == word).ok_or_else(|| corrupt_row(what))
}

/// The word of an enum as a literal in a query built from entities: where the server must see it to
/// choose a partial index. Everywhere else give it as a parameter: `Column::State.eq(state.word())`.
#[must_use]
pub fn constant(word: impl StringEnum) -> Expr {
    Expr::Constant(word.word().into())
}

/// The same as text, quoted as the query builder quotes.
pub(super) fn literal(word: impl StringEnum) -> String {
    let select = Query::select().expr(constant(word)).to_owned();
    let text = select.to_string(PostgresQueryBuilder);
    text.strip_prefix("SELECT ").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::ExprTrait;

    use super::*;
    use crate::store::sql;

    bk_kernel::string_enum! {
        /// The state of a kettle.
        enum Kettle: "a kettle's state" {
            /// Not in use.
            Cold = "COLD",
            /// A word that needs quoting.
            Odd = "it's ODD",
        }
    }

    #[test]
    fn a_constant_is_printed_as_a_quoted_literal_and_is_no_parameter() {
        let (text, values) = Query::select()
            .expr(Expr::col("state").ne(constant(Kettle::Cold)))
            .build(PostgresQueryBuilder);
        assert_eq!(text, r#"SELECT "state" <> 'COLD'"#);
        assert!(values.0.is_empty());
        assert_eq!(literal(Kettle::Odd), r"E'it\'s ODD'");
    }

    #[test]
    fn a_constant_takes_the_place_of_its_name_in_a_statement() {
        let statement = sql("SELECT FROM kettles WHERE state <> {cold} AND litres > $1")
            .constant("cold", Kettle::Cold)
            .bind(2)
            .statement();
        assert_eq!(statement.sql, "SELECT FROM kettles WHERE state <> 'COLD' AND litres > $1");
        assert_eq!(statement.values.unwrap().0, [2.into()]);
    }

    #[test]
    fn a_word_is_read_back_and_an_unknown_one_makes_the_row_corrupt() {
        assert_eq!(from_word::<Kettle>("COLD", "kettle").unwrap(), Kettle::Cold);
        let error = from_word::<Kettle>("LUKEWARM", "kettle").unwrap_err();
        assert_eq!(
            std::error::Error::source(&error).unwrap().to_string(),
            "a stored kettle cannot be read"
        );
    }
}
