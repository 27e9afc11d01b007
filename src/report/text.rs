//! Text from data made safe to draw: widths, cuts, and characters that could break a box or pass as markup.
